package dev.postern.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The memory of one {@code struct msghdr} (recvmsg(2)), as a 64-bit Linux lays it out: one piece of bytes, and room for descriptors
 * (SCM_RIGHTS, unix(7)).
 *
 * <p><b>Threads:</b> one at a time.
 */
final class SocketMessage {

    /** How many bytes go through at once. */
    static final int PIECE = 4096;

    private static final int MSG_CTRUNC = 8;
    private static final int SCM_RIGHTS = 1;

    private static final int HEADER_BYTES = 56;
    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int MOST = UnixStream.MOST_DESCRIPTORS;

    private static final long PIECES = 16;
    private static final long PIECE_COUNT = 24;
    private static final long CONTROL = 32;
    private static final long CONTROL_LENGTH = 40;
    private static final long FLAGS = 48;

    private final MemorySegment header;
    private final MemorySegment piece;
    private final MemorySegment control;
    private final MemorySegment bytes;

    SocketMessage() {
        Arena arena = Arena.ofAuto();
        header = arena.allocate(HEADER_BYTES, 8);
        piece = arena.allocate(MemoryLayout.sequenceLayout(2, JAVA_LONG));
        control = arena.allocate(CONTROL_HEADER_BYTES + MOST * (long) Integer.BYTES, 8);
        bytes = arena.allocate(PIECE, 8);
        piece.set(ADDRESS, 0, bytes);
        header.set(ADDRESS, PIECES, piece);
        header.set(JAVA_LONG, PIECE_COUNT, 1);
    }

    long address() {
        return header.address();
    }

    /**
     * Fills it for sending; the buffer's position stays.
     *
     * @param from at least one byte
     */
    void fill(ByteBuffer from, int[] descriptors) {
        int length = Math.min(PIECE, from.remaining());
        MemorySegment.copy(MemorySegment.ofBuffer(from), 0, bytes, 0, length);
        piece.set(JAVA_LONG, 8, length);
        header.set(ADDRESS, CONTROL, descriptors.length == 0 ? MemorySegment.NULL : control);
        long controlLength = CONTROL_HEADER_BYTES + descriptors.length * (long) Integer.BYTES;
        // The room is counted in whole words, the content is not (CMSG_SPACE and CMSG_LEN).
        header.set(JAVA_LONG, CONTROL_LENGTH, descriptors.length == 0 ? 0 : controlLength + 7 & -8);
        control.set(JAVA_LONG, 0, controlLength);
        control.set(JAVA_INT, 8, LibC.SOL_SOCKET);
        control.set(JAVA_INT, 12, SCM_RIGHTS);
        MemorySegment.copy(descriptors, 0, control, JAVA_INT, CONTROL_HEADER_BYTES, descriptors.length);
    }

    /** Makes it ready to receive up to a number of bytes. */
    void clear(int most) {
        piece.set(JAVA_LONG, 8, Math.min(PIECE, most));
        header.set(ADDRESS, CONTROL, control);
        header.set(JAVA_LONG, CONTROL_LENGTH, control.byteSize());
        header.set(JAVA_INT, FLAGS, 0);
        control.fill((byte) 0);
    }

    /** Takes the bytes that were received out. */
    void drain(ByteBuffer into, int length) {
        MemorySegment.copy(bytes, JAVA_BYTE, 0, MemorySegment.ofBuffer(into), JAVA_BYTE, 0, length);
        into.position(into.position() + length);
    }

    /** The descriptors that were received; they are open. */
    int[] descriptors() {
        long controlLength = header.get(JAVA_LONG, CONTROL_LENGTH);
        boolean some = controlLength >= CONTROL_HEADER_BYTES
                && control.get(JAVA_INT, 8) == LibC.SOL_SOCKET
                && control.get(JAVA_INT, 12) == SCM_RIGHTS;
        long length = some ? Math.min(control.get(JAVA_LONG, 0), control.byteSize()) - CONTROL_HEADER_BYTES : 0;
        return control.asSlice(CONTROL_HEADER_BYTES, length).toArray(JAVA_INT);
    }

    /** Whether more descriptors came than there was room for; the system has closed those. */
    boolean truncated() {
        return (header.get(JAVA_INT, FLAGS) & MSG_CTRUNC) != 0;
    }
}
