package dev.postern.lab;

import static dev.postern.lab.Misbehaving.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.Rng;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A guest whose disk does something wrong with one request, which is in the middle of a burst and in the middle of the ring. The guest
 * must answer every request, once, and go on.
 */
final class HostileRing {

    /** Requests one after the other before the burst. */
    static final int BEFORE = 10;

    static final int BURST = 8;
    /** The number of the request that is wronged: the third of the burst. */
    static final int VICTIM = BEFORE + 3;

    private static final int AFTER = 40;
    private static final int SIZE = 64;
    /** Only a device that keeps silent needs it. */
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private HostileRing() {}

    /** Each format, direct and polled, and with tables, event marks, bounced and by messages. */
    static Stream<RingKind> rings() {
        return Stream.of(RingKind.Format.values()).flatMap(HostileRing::of);
    }

    /** Those of one format. */
    static Stream<RingKind> of(RingKind.Format format) {
        Setting polled = new Setting(MachineKind.EMULATED, InterruptMode.POLLED, ContextKind.AUDITED);
        Setting bounced = new Setting(MachineKind.EMULATED, InterruptMode.MSIX, ContextKind.BOUNCED);
        return Stream.of(
                new RingKind(polled, format, false, false, false, OptionalInt.of(SIZE)),
                new RingKind(bounced, format, true, true, false, OptionalInt.of(SIZE)));
    }

    /** How a burst ended. */
    record Burst(List<VirtioException> failures, long recoveries) {

        /** Nobody but the guest noticed: it brought the device back and every request was served. */
        void assertMended(long resets) {
            assertEquals(List.of(), failures);
            assertEquals(resets, recoveries, "resets");
        }
    }

    /** A guest with a disk of such a ring. */
    static Trial disk(RingKind ring, DeviceMischief... acts) throws Exception {
        return disk(ring, ring.options().mischief(acts));
    }

    /** A guest with a disk that behaves so. */
    static Trial disk(RingKind ring, VirtioOptions options) throws Exception {
        Trial trial = Trial.boot(
                ring.setting(),
                new LabMachine.Emulated(EmulatedDevices.on(ring.setting().platform())
                        .device(SeededDisk.of(Misbehaving.SECTORS * SECTOR, Misbehaving.CONTENT)
                                .virtio(options))
                        .build()));
        trial.disk(0).requestDeadline(DEADLINE);
        return trial;
    }

    /** A guest with an entropy device of such a ring. */
    static Trial rng(RingKind ring, DeviceMischief... acts) throws Exception {
        return Trial.boot(
                ring.setting(),
                new LabMachine.Emulated(EmulatedDevices.on(ring.setting().platform())
                        .device(Rng.of().virtio(ring.options().mischief(acts)))
                        .build()));
    }

    /** Has one request wronged, and asserts that each was answered and that the disk is as good as before. */
    static Burst wronged(RingKind ring, DeviceMischief... acts) throws Exception {
        return wronged(ring, ring.options().mischief(acts));
    }

    /** The same for a disk that behaves so. */
    static Burst wronged(RingKind ring, VirtioOptions options) throws Exception {
        byte[] content = Misbehaving.content();
        try (Trial trial = disk(ring, options)) {
            BlkDevice disk = trial.disk(0);
            long before = taken(trial);
            for (int sector = 0; sector < BEFORE; sector++) {
                assertReads(trial, content, sector);
            }
            assertEquals(0, disk.recoveries());
            List<VirtioException> failures = burst(trial, content);
            long recoveries = disk.recoveries();
            for (int sector = 0; sector < AFTER; sector++) {
                assertReads(trial, content, sector);
            }
            assertEquals(recoveries, disk.recoveries(), "it is as good as before");
            assertNothingKept(trial, before);
            return new Burst(failures, recoveries);
        }
    }

    /** Reads neighbouring sectors with one notification; returns why some were not read. */
    static List<VirtioException> burst(Trial trial, byte[] content) throws Exception {
        BlkDevice disk = trial.disk(0);
        PhysRange buffer = trial.buffer(BURST * SECTOR);
        MemorySegment bytes = trial.bytes(buffer);
        bytes.fill((byte) 0xa5);
        BlkRequest[] requests = new BlkRequest[BURST];
        for (int i = 0; i < BURST; i++) {
            requests[i] = disk.submitRead(100 + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
        }
        List<VirtioException> failures = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            try {
                disk.await(requests[i]);
                assertArrayEquals(
                        Misbehaving.sector(content, 100 + i),
                        bytes.asSlice((long) i * SECTOR, SECTOR).toArray(ValueLayout.JAVA_BYTE),
                        "request %d; %s".formatted(i, Seed.words()));
            } catch (VirtioException e) {
                assertFalse(e.getMessage().contains("\n"), e.getMessage());
                failures.add(e);
            }
        }
        trial.giveBack(buffer);
        return failures;
    }

    static void assertReads(Trial trial, byte[] content, int sector) throws Exception {
        assertArrayEquals(
                Misbehaving.sector(content, sector),
                Misbehaving.read(trial, sector, 1),
                "sector %d; %s".formatted(sector, Seed.words()));
    }

    /** How much of the pool is taken; of a guest without requests that is what its rings lie in. */
    static long taken(Trial trial) {
        return trial.guest().memory().pool().isPresent()
                ? trial.pool().statistics().bytesInUse()
                : 0;
    }

    /**
     * Every request can be made again, and none of them holds a piece of the pool.
     *
     * @param before what was taken before the first request
     */
    static void assertNothingKept(Trial trial, long before) throws Exception {
        BlkDevice disk = trial.disk(0);
        assertEquals(disk.depth(), freeRequests(trial), "requests that never came back");
        assertEquals(before, taken(trial), "bytes of the pool");
    }

    private static int freeRequests(Trial trial) throws Exception {
        BlkDevice disk = trial.disk(0);
        BlkRequest[] requests = new BlkRequest[disk.depth()];
        PhysRange buffer = trial.buffer((long) requests.length * SECTOR);
        int count = 0;
        while (count < requests.length && disk.hasRoom()) {
            requests[count] = disk.submitRead(0, buffer.basePa() + (long) count * SECTOR, SECTOR);
            count++;
        }
        for (BlkRequest request : Arrays.asList(requests).subList(0, count)) {
            disk.await(request);
        }
        trial.giveBack(buffer);
        return count;
    }
}
