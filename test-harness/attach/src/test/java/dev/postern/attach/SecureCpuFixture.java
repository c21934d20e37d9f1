package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.function.Executable;

/** The CPU of a secure platform over a window of 8 MiB and private RAM of 2 MiB, without a QEMU. */
final class SecureCpuFixture implements AutoCloseable {

    static final long MIB = 1 << 20;
    static final long WINDOW_BYTES = 8 * MIB;
    static final long PRIVATE_PA = 1L << 32;
    static final long PAGE = 4096;

    /** Written to a page to see whether it survives. */
    private static final byte MARK = 0x5a;

    final GuestMemory memory;
    final SecureCpu cpu;

    SecureCpuFixture(SecurePlatform platform) {
        try {
            memory = GuestMemory.withPrivate(
                    new RamLayout(WINDOW_BYTES, WINDOW_BYTES),
                    MemoryFile.create("postern-window", WINDOW_BYTES),
                    2 * MIB);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        cpu = SecureCpu.of(platform, memory, what -> new MachineDiedException(what, null));
    }

    /** Fills a range of the window with a mark. */
    void mark(long pa, long length) {
        memory.file().segment().asSlice(pa, length).fill(MARK);
    }

    /** That no page of the range holds anything of its mark, and that no two pages hold the same. */
    void assertScrambled(long pa, long length) {
        byte[] before = null;
        for (long at = pa; at < pa + length; at += PAGE) {
            byte[] page = memory.file().segment().asSlice(at, PAGE).toArray(ValueLayout.JAVA_BYTE);
            long marks = 0;
            for (byte b : page) {
                marks += b == MARK ? 1 : 0;
            }
            assertTrue(marks < 64, "page 0x%x still holds %d marks".formatted(at, marks));
            assertTrue(before == null || !Arrays.equals(before, page), "page 0x%x is as the one before".formatted(at));
            before = page;
        }
    }

    /** That the range holds its mark, every byte. */
    void assertKept(long pa, long length) {
        for (byte b : memory.file().segment().asSlice(pa, length).toArray(ValueLayout.JAVA_BYTE)) {
            assertEquals(MARK, b);
        }
    }

    /** That the call ends the guest, and that the message holds some words. */
    static void assertFatal(String words, Executable call) {
        MachineDiedException died = assertThrows(MachineDiedException.class, call);
        assertTrue(died.getMessage().contains(words), died.getMessage());
    }

    @Override
    public void close() {
        memory.close();
    }
}
