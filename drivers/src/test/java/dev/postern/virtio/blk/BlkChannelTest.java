package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A disk as a channel, against an array of bytes. */
class BlkChannelTest {

    private static final int SIZE = BlkBench.SECTORS * 512;

    @Test
    void anySequenceOfReadsAndWritesAgreesWithAnArray() throws Exception {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        BlkBench bench = BlkBench.polled();
        byte[] model = bench.device.image.clone();
        try (BlkDevice disk = bench.open();
                BlkChannel channel = new BlkChannel(disk, bench.ram.frames())) {
            long position = 0;
            for (int step = 0; step < 1500; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        position = random.nextInt(8) == 0 ? SIZE - random.nextInt(2000) : random.nextInt(SIZE);
                        channel.position(position);
                    }
                    case 1 -> position = write(channel, model, position, bytes(random));
                    default -> position = read(channel, model, position, length(random));
                }
                assertEquals(position, channel.position());
            }
            assertArrayEquals(model, bench.device.image);
        } catch (Throwable t) {
            throw new AssertionError("repeat with -Dpostern.seed=" + seed, t);
        }
    }

    private static long read(BlkChannel channel, byte[] model, long position, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        int expected = (int) Math.min(length, SIZE - position);
        int got = channel.read(into);
        if (expected <= 0) {
            assertEquals(length == 0 ? 0 : -1, got);
            return position;
        }
        assertEquals(expected, got);
        assertEquals(got, into.position());
        assertEquals(
                -1,
                Arrays.mismatch(
                        Arrays.copyOf(into.array(), got),
                        Arrays.copyOfRange(model, (int) position, (int) position + got)));
        return position + got;
    }

    private static long write(BlkChannel channel, byte[] model, long position, byte[] bytes) throws IOException {
        int expected = (int) Math.min(bytes.length, SIZE - position);
        if (expected <= 0 && bytes.length > 0) {
            assertThrows(BlkRangeException.class, () -> channel.write(ByteBuffer.wrap(bytes)));
            return position;
        }
        ByteBuffer from = ByteBuffer.wrap(bytes);
        assertEquals(expected, channel.write(from));
        assertEquals(expected, from.position());
        System.arraycopy(bytes, 0, model, (int) position, expected);
        return position + expected;
    }

    private static byte[] bytes(SplittableRandom random) {
        byte[] bytes = new byte[length(random)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static int length(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(3);
            case 1 -> 512 * random.nextInt(5);
            case 2 -> random.nextInt(600_000);
            default -> random.nextInt(2000);
        };
    }

    @Test
    void aPositionBeyondTheEndIsAllowedAndReadsTheEnd() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkChannel channel = new BlkChannel(bench.open(), bench.ram.frames());
        channel.position(Long.MAX_VALUE);
        assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        assertEquals(0, channel.read(ByteBuffer.allocate(0)));
        assertThrows(BlkRangeException.class, () -> channel.write(ByteBuffer.allocate(1)));
        assertThrows(IllegalArgumentException.class, () -> channel.position(-1));
    }

    @Test
    void aDiskKeepsItsSize() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkChannel channel = new BlkChannel(bench.open(), bench.ram.frames());
        assertEquals(SIZE, channel.size());
        assertThrows(IllegalArgumentException.class, () -> channel.truncate(-1));
        assertThrows(BlkRangeException.class, () -> channel.truncate(SIZE - 1));
        channel.position(SIZE + 10);
        channel.truncate(SIZE + 5);
        assertEquals(SIZE + 5, channel.position(), "as SeekableByteChannel.truncate says");
        assertEquals(SIZE, channel.size());
    }

    @Test
    void aReadOnlyDiskMakesAReadOnlyChannel() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.with(5);
        BlkChannel channel = new BlkChannel(bench.open(), bench.ram.frames());
        assertThrows(NonWritableChannelException.class, () -> channel.write(ByteBuffer.allocate(1)));
        assertThrows(NonWritableChannelException.class, () -> channel.truncate(0));
        channel.close();
    }

    @Test
    void closingFlushesWhatWasWrittenAndNothingElse() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        BlkChannel reader = new BlkChannel(disk, bench.ram.frames());
        reader.read(ByteBuffer.allocate(10));
        reader.close();
        assertFalse(bench.device.seen().stream().anyMatch(r -> r.type() == 4));
        BlkChannel writer = new BlkChannel(disk, bench.ram.frames());
        writer.write(ByteBuffer.allocate(10));
        writer.close();
        writer.close();
        assertEquals(1, bench.device.seen().stream().filter(r -> r.type() == 4).count());
        assertFalse(writer.isOpen());
        assertThrows(ClosedChannelException.class, () -> writer.read(ByteBuffer.allocate(1)));
        assertThrows(ClosedChannelException.class, () -> writer.write(ByteBuffer.allocate(1)));
        assertThrows(ClosedChannelException.class, writer::size);
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @Test
    void aFailedWriteMovesNeitherPositionNorBuffer() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkChannel channel = new BlkChannel(bench.open(), bench.ram.frames());
        channel.position(100);
        bench.device.answer = r -> bench.device.finish(r, 1, r.honestLength());
        ByteBuffer from = ByteBuffer.allocate(1000);
        assertThrows(BlkIoErrorException.class, () -> channel.write(from));
        assertEquals(0, from.position());
        assertEquals(100, channel.position());
        ByteBuffer into = ByteBuffer.allocate(1000);
        assertThrows(BlkIoErrorException.class, () -> channel.read(into));
        assertEquals(0, into.position());
        assertArrayEquals(new byte[1000], into.array());
    }

    @Test
    void wholeSectorsAreWrittenWithoutBeingReadFirst() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkChannel channel = new BlkChannel(bench.open(), bench.ram.frames());
        channel.position(512);
        channel.write(ByteBuffer.allocate(2048));
        assertTrue(bench.device.seen().stream().noneMatch(r -> r.type() == 0));
    }
}
