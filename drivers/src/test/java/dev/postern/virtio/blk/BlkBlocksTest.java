package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.fake.DiskRequest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks whose blocks are larger than a sector: whatever is asked of the device is whole blocks. */
class BlkBlocksTest {

    private static final int BLOCK = 4096;

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 65536, 1 << 20})
    void anySequenceOfBytesGoesThroughAChannelInWholeBlocks(int block) throws Exception {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        BlkBench bench = bench(block);
        byte[] model = bench.device.image.clone();
        try (BlkDevice disk = bench.open();
                BlkChannel channel = new BlkChannel(disk, bench.ram.frames())) {
            for (int step = 0; step < 150; step++) {
                int position = random.nextInt(model.length);
                int length =
                        Math.min(1 + random.nextInt(random.nextBoolean() ? 100 : 300_000), model.length - position);
                channel.position(position);
                byte[] bytes = new byte[length];
                if (random.nextBoolean()) {
                    random.nextBytes(bytes);
                    assertEquals(length, channel.write(ByteBuffer.wrap(bytes)));
                    System.arraycopy(bytes, 0, model, position, length);
                } else {
                    assertEquals(length, channel.read(ByteBuffer.wrap(bytes)));
                    assertArrayEquals(Arrays.copyOfRange(model, position, position + length), bytes);
                }
            }
            assertArrayEquals(model, bench.device.image);
            bench.device.seen().forEach(request -> assertWholeBlocks(request, block));
        } catch (Throwable t) {
            throw new AssertionError("repeat with -Dpostern.seed=" + seed, t);
        }
    }

    @Test
    void requestsThatAreNotWholeBlocksAreRefusedBeforeTheDeviceHearsOfThem() throws Exception {
        BlkBench bench = bench(BLOCK);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(2 * BLOCK);
        long[][] wrong = {{1, BLOCK}, {7, BLOCK}, {0, 512}, {0, BLOCK + 512}, {4, 512}, {0, BLOCK / 2}};
        for (long[] range : wrong) {
            assertThrows(BlkRangeException.class, () -> disk.submitRead(range[0], pa, range[1]));
            assertThrows(BlkRangeException.class, () -> disk.submitWrite(range[0], pa, range[1]));
            assertThrows(BlkRangeException.class, () -> disk.read(range[0], pa, range[1]));
            assertThrows(BlkRangeException.class, () -> disk.write(range[0], pa, range[1]));
        }
        assertEquals(0, bench.context.calls());
    }

    @Test
    void aLongTransferWithAWrongEndIsRefusedAsAWhole() throws Exception {
        BlkBench bench = bench(BLOCK);
        BlkDevice disk = bench.open();
        long bytes = 4 * disk.largestTransfer() + 512;
        assertThrows(BlkRangeException.class, () -> disk.read(0, bench.buffer(BLOCK), bytes));
        assertEquals(0, bench.context.calls());
    }

    @Test
    void aDiskThatEndsInsideABlockIsUsedToItsEnd() throws Exception {
        BlkBench bench = bench(BLOCK);
        int sectors = BlkBench.SECTORS - 3;
        bench.transport.config.putLong(0, sectors);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(BLOCK);
        disk.read(sectors - 5, pa, 5 * 512);
        assertArrayEquals(bench.content(sectors - 5, 5 * 512), bench.ram.get(pa, 5 * 512));
        assertThrows(BlkRangeException.class, () -> disk.read(sectors - 5, pa, 4 * 512));
        try (BlkChannel channel = new BlkChannel(disk, bench.ram.frames())) {
            channel.position(sectors * 512L - 100);
            byte[] last = new byte[100];
            Arrays.fill(last, (byte) 0x77);
            assertEquals(100, channel.write(ByteBuffer.wrap(last)));
            assertArrayEquals(last, Arrays.copyOfRange(bench.device.image, sectors * 512 - 100, sectors * 512));
        }
    }

    @Test
    void segmentsSmallerThanABlockAddUpToOne() throws Exception {
        BlkBench bench = bench(BLOCK);
        bench.transport.config.putInt(8, 1536).putInt(12, 7);
        BlkDevice disk = bench.open();
        assertEquals(8192, disk.largestTransfer(), "7 times 1536, in whole blocks");
        long pa = bench.buffer(64 * BLOCK);
        disk.read(8, pa, 64 * BLOCK);
        assertArrayEquals(bench.content(8, 64 * BLOCK), bench.ram.get(pa, 64 * BLOCK));
        for (DiskRequest request : bench.device.seen()) {
            assertTrue(request.data().size() <= 7);
            request.data().forEach(buffer -> assertTrue(buffer.length() <= 1536));
        }
    }

    @Test
    void aDeviceThatCannotCarryABlockIsRefused() throws Exception {
        BlkBench bench = bench(BLOCK);
        bench.transport.config.putInt(8, 1024).putInt(12, 3);
        String message = assertThrows(ProbeRefusedException.class, bench::open).getMessage();
        assertTrue(message.contains("3072") && message.contains("4096"), message);
    }

    @Test
    void fourGibibytesOfMappingAreNotNone() throws Exception {
        // Row 41: 2^32 in 32 bits is 0.
        BlkBench bench = bench(BLOCK);
        bench.transport.config.putInt(8, -1).putInt(12, -1);
        bench.context.largestMapping(1L << 32);
        BlkDevice disk = bench.open();
        assertEquals(4 << 20, disk.largestTransfer());
    }

    private static void assertWholeBlocks(DiskRequest request, int block) {
        if (request.type() <= 1) {
            assertEquals(0, request.sector() * 512 % block, request::toString);
            assertEquals(0, request.bytes() % block, request::toString);
        }
    }

    private static BlkBench bench(int block) {
        BlkBench bench = BlkBench.polled();
        bench.transport.config.putInt(20, block);
        return bench;
    }
}
