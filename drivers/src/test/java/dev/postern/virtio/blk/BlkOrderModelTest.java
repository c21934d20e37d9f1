package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.virtio.VirtioException;
import dev.postern.virtio.fake.DiskRequest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random overlapping writes, many in flight, over a device that carries them out in any order and is reset at random moments, with some
 * carried out and not answered: in the end the medium holds what a model holds that took them one by one.
 */
class BlkOrderModelTest {

    private static final int SECTORS = 96;
    private static final int LONGEST = 12;
    private static final int STEPS = 400;
    private static final int MOST_AWAITED_LATER = 24;
    /** In the model: a write to the sector failed, and whether it was carried out is anybody's guess. */
    private static final int UNKNOWN = -1;

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theMediumIsAsIfWritesHadBeenCarriedOutOneByOne(int queues) throws Exception {
        for (int run = 0; run < 40; run++) {
            long seed = Long.getLong("postern.seed", System.nanoTime()) + run;
            try {
                new Run(seed, queues).all();
            } catch (AssertionError | RuntimeException | VirtioException e) {
                throw new AssertionError("seed %d (-Dpostern.seed=), %d queues: %s".formatted(seed, queues, e), e);
            }
        }
    }

    @Test
    void theMediumOfAFixedSeedIsRightToo() throws Exception {
        new Run(20261128, 2).all();
    }

    /** A write and what it writes. */
    private record Written(BlkRequest request, int first, int count, int tag) {}

    private static final class Run {

        private final Random random;
        private final BlkBench bench = BlkBench.polled();
        private final BlkDevice disk;
        private final List<DiskRequest> held = new ArrayList<>();
        private final Deque<Written> later = new ArrayDeque<>();
        private final int[] model = new int[SECTORS];
        private final long buffers;
        private int tag;
        private int resets;

        Run(long seed, int queues) throws Exception {
            random = new Random(seed);
            bench.transport.queueCount = queues;
            bench.transport.offered = BlkBench.FEATURES.with(12).with(14);
            bench.transport.config.putShort(34, (short) queues);
            bench.transport.config.putInt(48, SECTORS).putInt(52, 4);
            disk = bench.open();
            bench.device.answer = held::add;
            bench.cpu.device(this::work);
            Arrays.fill(bench.device.image, (byte) 0);
            buffers = bench.buffer((MOST_AWAITED_LATER + 2L) * LONGEST * 512);
        }

        void all() throws Exception {
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(10) == 0) {
                    zero();
                } else {
                    write();
                }
                while (later.size() > random.nextInt(MOST_AWAITED_LATER)) {
                    settle();
                }
            }
            while (!later.isEmpty()) {
                settle();
            }
            ByteBuffer medium = ByteBuffer.wrap(bench.device.image);
            for (int sector = 0; sector < SECTORS; sector++) {
                if (model[sector] != UNKNOWN) {
                    assertEquals(model[sector], medium.getInt(sector * 512), "sector " + sector);
                }
            }
            assertEquals(resets, disk.recoveries());
            disk.close();
        }

        private void write() throws Exception {
            int first = random.nextInt(SECTORS);
            int count = 1 + random.nextInt(Math.min(LONGEST, SECTORS - first));
            tag++;
            long pa = buffers + (tag % (MOST_AWAITED_LATER + 2L)) * LONGEST * 512;
            ByteBuffer data = ByteBuffer.allocate(count * 512);
            for (int sector = 0; sector < count; sector++) {
                data.putInt(sector * 512, tag);
            }
            bench.ram.put(pa, data.array());
            later.add(new Written(disk.submitWrite(first, pa, count * 512L), first, count, tag));
            Arrays.fill(model, first, first + count, tag);
            if (random.nextBoolean()) {
                disk.kick();
            }
        }

        private void zero() throws Exception {
            int first = random.nextInt(SECTORS);
            int count = 1 + random.nextInt(SECTORS - first);
            try {
                disk.writeZeroes(Allocation.KEEP, new SectorRange(first, count));
                Arrays.fill(model, first, first + count, 0);
            } catch (VirtioException e) {
                Arrays.fill(model, first, first + count, UNKNOWN);
            }
        }

        private void settle() {
            Written oldest = later.remove();
            try {
                disk.await(oldest.request());
            } catch (VirtioException e) {
                // Sent three times, and reset each time: what a later write has not overwritten since is unknown.
                for (int sector = oldest.first(); sector < oldest.first() + oldest.count(); sector++) {
                    if (model[sector] == oldest.tag()) {
                        model[sector] = UNKNOWN;
                    }
                }
            }
        }

        /** A turn of the device: some of what it has is done, in any order; now and then it breaks. */
        private void work() {
            bench.device.work();
            while (!held.isEmpty() && random.nextInt(3) > 0) {
                bench.device.honestly(held.remove(random.nextInt(held.size())));
            }
            if (!held.isEmpty() && random.nextInt(40) == 0) {
                held.stream().filter(_ -> random.nextBoolean()).forEach(bench.device::perform);
                held.clear();
                resets++;
                bench.transport.askForReset();
            }
        }
    }
}
