package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.device.VirtioDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Configurations of random bytes and lengths with random features (rows 12 to 14 and 41): a disk is opened or refused in one line, what is
 * opened carries requests, and whatever it was, everything is given back.
 */
class BlkConfigurationFuzzTest {

    private static final int CASES = 300;
    private static final long RAM = 16 << 20;
    private static final long MOST_MEMORY = 4 << 20;
    private static final int[] FEATURES = {1, 2, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16};
    /** Fields of the configuration, for values near their bounds: offset and bytes. */
    private static final int[][] FIELDS = {
        {0, 8}, {8, 4}, {12, 4}, {20, 4}, {24, 1}, {25, 1}, {26, 2}, {28, 4}, {32, 1}, {34, 2}, {36, 4}, {40, 4},
        {44, 4}, {48, 4}, {52, 4}, {56, 1}, {60, 4}, {64, 4}, {68, 4}
    };

    private int opened;

    @Test
    void anyConfigurationIsDrivenOrRefusedAndLeavesNothingBehind() throws Exception {
        long seed = Long.getLong("postern.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            BlkBench bench = new BlkBench(InterruptMode.POLLED, 0, RAM);
            String what = configure(bench, random);
            try {
                drive(bench);
            } catch (Throwable t) {
                throw new AssertionError("case %d: %s; repeat with -Dpostern.seed=%d".formatted(i, what, seed), t);
            }
        }
        assertTrue(opened > CASES / 20, "%d of %d were opened; seed %d".formatted(opened, CASES, seed));
    }

    private static String configure(BlkBench bench, SplittableRandom random) {
        FeatureSet features = FeatureSet.of(32);
        for (int feature : FEATURES) {
            features = random.nextBoolean() ? features.with(feature) : features;
        }
        int length = random.nextInt(4) == 0 ? random.nextInt(97) : 96;
        ByteBuffer config = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        byte[] sane = bench.transport.config.array();
        config.put(sane, 0, length).rewind();
        for (int[] field : FIELDS) {
            if (field[0] + field[1] <= length && random.nextInt(3) != 0) {
                put(config, field[0], field[1], value(random));
            }
        }
        bench.transport.offered = features;
        bench.transport.config = config;
        bench.transport.queueCount = 1 + random.nextInt(5);
        return "features %s, configuration %s"
                .formatted(features, java.util.HexFormat.of().formatHex(config.array()));
    }

    private static long value(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> 512L << random.nextInt(12);
            case 1 -> (1L << random.nextInt(64)) + random.nextInt(3) - 1;
            case 2 -> random.nextInt(100);
            default -> random.nextLong();
        };
    }

    private static void put(ByteBuffer config, int offset, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            config.put(offset + i, (byte) (value >>> 8 * i));
        }
    }

    private void drive(BlkBench bench) throws VirtioException {
        // The image is not as long as the device claims; only what is asked is looked at here.
        bench.device.answer = request -> bench.device.finish(request, 0, request.honestLength());
        VirtioDevice found = bench.negotiated();
        BlkDevice disk;
        try {
            disk = BlkDevice.open(found, bench.context, bench.ram.frames());
        } catch (ProbeRefusedException | DeviceBrokenException e) {
            assertTrue(e.getMessage().startsWith("blk0: ") && !e.getMessage().contains("\n"), e.getMessage());
            found.close();
            bench.hostile.close();
            assertEquals(0, bench.framesInUse());
            return;
        }
        opened++;
        assertTrue(bench.framesInUse() < MOST_MEMORY, "%d bytes".formatted(bench.framesInUse()));
        assertTrue(disk.summary().contains("-byte blocks"), disk.summary());
        BlkConfiguration configuration = disk.configuration();
        long block = configuration.blockSize();
        long last = (configuration.capacitySectors() - 1) / configuration.blockSectors() * configuration.blockSectors();
        SectorRange range = new SectorRange(0, Math.min(4L * configuration.blockSectors(), disk.sectors()));
        long pa = bench.buffer(block);
        attempt(() -> disk.read(0, pa, block));
        attempt(() -> disk.read(last, pa, Math.min(block, (disk.sectors() - last) * 512)));
        attempt(() -> disk.write(0, pa, block));
        attempt(() -> disk.discard(range, range));
        attempt(() -> disk.writeZeroes(Allocation.MAY_RELEASE, range));
        attempt(() -> disk.secureErase(range));
        attempt(() -> disk.switchCache(CacheMode.WRITETHROUGH));
        attempt(disk::flush);
        attempt(disk::lifetime);
        attempt(disk::refresh);
        assertEquals(0, bench.context.live());
        disk.close();
        bench.hostile.close();
    }

    /** Something that a disk does or refuses. */
    private interface Act {
        void run() throws VirtioException;
    }

    private static void attempt(Act act) {
        try {
            act.run();
        } catch (VirtioException e) {
            assertTrue(e.getMessage().startsWith("blk0: "), e.getMessage());
        }
    }
}
