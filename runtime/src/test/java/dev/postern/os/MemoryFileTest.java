package dev.postern.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryFileTest {

    private static final long SIZE = 1 << 20;

    @Test
    void anotherProcessReadsWhatWeWroteAndWeReadWhatItWrote() throws IOException {
        try (MemoryFile memory = MemoryFile.create("postern-test", SIZE)) {
            memory.segment().setString(SIZE / 2, "from us");
            String program =
                    "tail -c +%d \"$0\" | head -c 7; printf 'from it' | dd of=\"$0\" bs=1 seek=4096 conv=notrunc"
                            .formatted(SIZE / 2 + 1);
            try (ChildProcess child = ChildProcess.start(
                    List.of("/bin/sh", "-c", program, memory.path().toString()))) {
                assertTrue(child.awaitExit(Duration.ofSeconds(20)), child::describe);
                assertTrue(child.lastLines().getFirst().startsWith("from us"), child::describe);
            }
            assertEquals("from it", memory.segment().getString(4096));
        }
    }

    @Test
    void nobodyCanChangeTheSize() throws IOException {
        try (MemoryFile memory = MemoryFile.create("postern-test", SIZE);
                RandomAccessFile other = new RandomAccessFile(memory.path().toFile(), "rw")) {
            assertThrows(IOException.class, () -> other.setLength(4096));
            assertThrows(IOException.class, () -> other.setLength(2 * SIZE));
            assertEquals(SIZE, other.length());
        }
    }

    /** {@code F_SEAL_FUTURE_WRITE} would keep whoever comes later from mapping it. */
    @Test
    void nobodyCanAddASeal() throws IOException {
        try (MemoryFile memory = MemoryFile.create("postern-test", SIZE)) {
            assertTrue(memory.isSealed());
            assertThrows(LastErrorException.class, () -> LibC.fcntl(memory.descriptor(), LibC.F_ADD_SEALS, 0x10));
        }
    }

    @Test
    void aNewOneIsZeroedAndHasNoNameInAnyFolder() throws IOException {
        long large = 1L << 32;
        try (MemoryFile memory = MemoryFile.create("postern-test", large)) {
            assertEquals(large, memory.size());
            assertEquals(0, memory.segment().get(ValueLayout.JAVA_LONG, large - 8));
            assertEquals(0, Files.getAttribute(memory.path(), "unix:nlink"));
        }
    }

    @Test
    void closingUnmapsAndClosesTheDescriptor() throws IOException {
        MemoryFile memory = MemoryFile.create("postern-test", SIZE);
        MemorySegment segment = memory.segment();
        Path path = memory.path();
        assertTrue(Files.exists(path));
        memory.close();
        memory.close();
        assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
        // The number may have been given to another file since; then it is not a memory file of ours.
        assertFalse(
                Files.exists(path) && Files.readSymbolicLink(path).toString().contains("postern-test"));
    }

    @Test
    void aSizeThatIsNotWholePagesIsRefusedWithARemedy() {
        for (long size : new long[] {0, -4096, 4095, 4097}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> MemoryFile.create("postern-test", size));
            assertTrue(refused.getMessage().contains("multiple of 4096"), refused.getMessage());
        }
    }

    @Test
    void aSizeBeyondTheSystemIsRefusedInOneLine() {
        IOException refused =
                assertThrows(IOException.class, () -> MemoryFile.create("postern-test", Long.MAX_VALUE & ~0xfffL));
        assertFalse(refused.getMessage().contains("\n"));
        assertTrue(refused.getMessage().contains("ask for less"), refused.getMessage());
    }

    @Test
    void hugePagesAreTakenAtOnce() throws IOException {
        long size = 2 * HugePages.BYTES;
        assumeTrue(HugePages.available() >= 2, "fewer than 2 huge pages are free");
        try (MemoryFile memory = MemoryFile.createHuge("postern-test", size)) {
            assertEquals(size / 512, blocksOf(memory), "taken, though untouched");
            assertEquals(HugePages.BYTES, memory.pageBytes());
            assertTrue(memory.isSealed());
            assertEquals(0, memory.segment().get(ValueLayout.JAVA_LONG, size - 8));
            memory.segment().set(ValueLayout.JAVA_LONG, size - 8, 7);
            try (MemoryFile again = MemoryFile.map(duplicate(memory), HugePages.BYTES, HugePages.BYTES)) {
                assertEquals(7, again.segment().get(ValueLayout.JAVA_LONG, HugePages.BYTES - 8));
                assertEquals(HugePages.BYTES, again.pageBytes());
            }
        }
    }

    /** The pages that the system has given to a file, in blocks of 512 bytes. */
    private static long blocksOf(MemoryFile memory) throws IOException {
        try (ChildProcess stat = ChildProcess.start(
                List.of("stat", "-L", "-c", "%b", memory.path().toString()))) {
            assertTrue(stat.awaitExit(Duration.ofSeconds(20)), stat::describe);
            return Long.parseLong(stat.lastLines().getFirst());
        }
    }

    @Test
    void tooFewHugePagesAreRefusedWithARemedy() throws IOException {
        int open = OpenDescriptors.count();
        // More than any system of ours has.
        long size = 1L << 46;
        IOException refused = assertThrows(IOException.class, () -> MemoryFile.createHuge("postern-test", size));
        assertTrue(refused.getMessage().contains("nr_hugepages"), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"));
        assertEquals(open, OpenDescriptors.count());
        assertThrows(IllegalArgumentException.class, () -> MemoryFile.createHuge("postern-test", 4096));
    }

    @Test
    void aReceivedDescriptorIsMappedWhereItsFileIsLargeEnough() throws IOException {
        try (MemoryFile memory = MemoryFile.create("postern-test", SIZE)) {
            memory.segment().set(ValueLayout.JAVA_LONG, 8192, 7);
            try (MemoryFile part = MemoryFile.map(duplicate(memory), 8192, SIZE - 8192)) {
                assertEquals(7, part.segment().get(ValueLayout.JAVA_LONG, 0));
                assertEquals(4096, part.pageBytes());
                assertTrue(part.isSealed());
            }
            int open = OpenDescriptors.count();
            for (long[] wrong : new long[][] {
                {0, SIZE + 1}, {4096, SIZE}, {-4096, 4096}, {SIZE + 4096, 4096}, {0, 0}, {0, -1}, {4096, Long.MAX_VALUE}
            }) {
                IOException refused =
                        assertThrows(IOException.class, () -> MemoryFile.map(memory.descriptor(), wrong[0], wrong[1]));
                assertTrue(refused.getMessage().contains("must lie inside"), refused.getMessage());
            }
            assertEquals(open, OpenDescriptors.count());
            assertEquals(SIZE, Files.size(memory.path()));
        }
    }

    /** The same file under another number, as one that was received. */
    private static int duplicate(MemoryFile memory) {
        return LibC.fcntl(memory.descriptor(), 1030, 0);
    }
}
