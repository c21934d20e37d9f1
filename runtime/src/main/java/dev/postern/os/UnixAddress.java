package dev.postern.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code struct sockaddr_un} of unix(7): the name of a socket in a file system. */
final class UnixAddress {

    private static final int PATH_OFFSET = 2;

    private final MemorySegment bytes;

    private UnixAddress(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /**
     * The address of a path.
     *
     * @throws IllegalArgumentException when it is longer than a socket's name can be, in one line with the remedy
     */
    static UnixAddress of(Path path, Arena arena) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > UnixStream.LONGEST_PATH) {
            throw new IllegalArgumentException("socket name '%s' has %d bytes: use a path of 1 to %d bytes"
                    .formatted(path, name.length, UnixStream.LONGEST_PATH));
        }
        MemorySegment bytes = arena.allocate(PATH_OFFSET + name.length + 1, 2);
        bytes.set(JAVA_SHORT, 0, (short) LibC.AF_UNIX);
        MemorySegment.copy(name, 0, bytes, JAVA_BYTE, PATH_OFFSET, name.length);
        return new UnixAddress(bytes);
    }

    long address() {
        return bytes.address();
    }

    int length() {
        return (int) bytes.byteSize();
    }
}
