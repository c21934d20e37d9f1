package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.ChangeNumQueues;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.DiskField;
import dev.postern.emulated.mischief.GrowQueueSize;
import dev.postern.emulated.mischief.HideQueueEnable;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.emulated.mischief.NeverFinishQueueReset;
import dev.postern.emulated.mischief.SayField;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.Allocation;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkUnsupportedException;
import dev.postern.virtio.blk.RangeLimits;
import dev.postern.virtio.blk.SectorRange;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A device whose registers of queues, or whose configuration, say other things than it does. */
@Timeout(120)
class QueueRegistersTest {

    private static final int BAD_REQUEST = 8;
    private static final int ROUNDS = 20;
    // The virtio specification, "Notification structure layout".
    private static final int NOTIFY = 2;
    private static final int MULTIPLIER = 16;

    static Stream<RingKind> rings() {
        return HostileRing.rings();
    }

    private static VirtioOptions resetting(RingKind ring) {
        return ring.options().offer(AdjustableFeature.RING_RESET.bit());
    }

    /** Reads sectors one by one; returns how often one queue alone was brought back, or the device. */
    private static long[] reads(RingKind ring, VirtioOptions options) throws Exception {
        byte[] content = Misbehaving.content();
        try (Trial trial = HostileRing.disk(ring, options)) {
            BlkDevice disk = trial.disk(0);
            // Longer than a queue or a device may take to come out of reset.
            disk.requestDeadline(Duration.ofSeconds(60));
            for (int sector = 0; sector < ROUNDS; sector++) {
                HostileRing.assertReads(trial, content, sector);
            }
            return new long[] {disk.queueRecoveries(), disk.recoveries()};
        }
    }

    /** The device says for a while that its queue is not reset yet, and notes whoever does not wait (transport-pci:517). */
    @ParameterizedTest
    @MethodSource("rings")
    @Clause("transport-pci:518")
    void aSlowResetOfAQueueIsWaitedFor(RingKind ring) throws Exception {
        long[] recoveries = reads(ring, resetting(ring).resetReads(7).mischief(new TamperUsedId(BAD_REQUEST, -1)));
        assertArrayEquals(new long[] {1, 1}, recoveries);
    }

    @Test
    @Immunity(21)
    @EnabledIfSystemProperty(
            named = "postern.campaign",
            matches = "true",
            disabledReason = "takes a minute: -Pcampaign")
    void aQueueThatNeverComesOutOfItsResetIsResetWithTheDevice() throws Exception {
        // The one kind, since the guest looks for five seconds of the machine's time.
        RingKind ring = HostileRing.rings().findFirst().orElseThrow();
        long[] recoveries =
                reads(ring, resetting(ring).mischief(new NeverFinishQueueReset(), new TamperUsedId(BAD_REQUEST, -1)));
        assertEquals(0, recoveries[0]);
        assertTrue(recoveries[1] >= 1);
    }

    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(25)
    void aQueueThatGrowsWithAResetIsUsedAsItWas(RingKind ring) throws Exception {
        assertEquals(
                1, reads(ring, ring.options().mischief(new GrowQueueSize(1024), new NeedsResetAt(BAD_REQUEST)))[1]);
        assertArrayEquals(
                new long[] {1, 1},
                reads(ring, resetting(ring).mischief(new GrowQueueSize(1024), new TamperUsedId(BAD_REQUEST, -1))));
    }

    /** A ring of 64 cannot be given to a device that takes 32; what was in it is answered, and no more is taken. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(25)
    void aQueueThatShrinksWithAResetIsNotGivenBack(RingKind ring) throws Exception {
        VirtioOptions options = ring.options().mischief(new GrowQueueSize(32), new NeedsResetAt(HostileRing.VICTIM));
        try (Trial trial = HostileRing.disk(ring, options)) {
            byte[] content = Misbehaving.content();
            for (int sector = 0; sector < HostileRing.BEFORE; sector++) {
                HostileRing.assertReads(trial, content, sector);
            }
            List<VirtioException> failures = HostileRing.burst(trial, content);
            assertFalse(failures.isEmpty());
            assertTrue(
                    failures.getLast().getMessage().contains("takes 32 entries now, and it has 64"),
                    failures.toString());
            assertThrows(VirtioException.class, () -> Misbehaving.read(trial, 0, 1));
        }
    }

    /** The second queue's notifications would go to another device, or to the middle of a register. */
    @Test
    void aNotificationOutsideItsStructureIsRefused() throws Exception {
        assertRefused("outside the notification structure", 0, 0, 0, 0x40);
    }

    @Test
    void aNotificationThatIsNotAlignedIsRefused() throws Exception {
        assertRefused("not aligned", 1, 0, 0, 0);
    }

    private static void assertRefused(String why, int... multiplier) throws Exception {
        Setting setting = HostileRing.rings().findFirst().orElseThrow().setting();
        EmulatedMachine machine = EmulatedDevices.on(setting.platform())
                .device(SeededDisk.of(Misbehaving.SECTOR, 1).options(DiskOptions.DEFAULTS.queues(2)))
                .build();
        OverlaidMachine overlaid = OverlaidMachine.registers(machine, inside -> {
            OverlaidFunction function = new OverlaidFunction(inside);
            return function.put(function.structure(NOTIFY) + MULTIPLIER, multiplier)
                    .registers();
        });
        try (Trial trial = Trial.boot(setting, new LabMachine.Overlaid(new LabMachine.Emulated(machine), overlaid))) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertEquals(DeviceReport.Result.REFUSED, report.outcome(), report.why());
            assertTrue(report.why().contains(why), report.why());
            assertFalse(report.why().contains("\n"), report.why());
        }
    }

    static Stream<List<DeviceMischief>> registers() {
        return Stream.of(
                List.of(new HideQueueEnable()), List.of(new ChangeNumQueues(0)), List.of(new ChangeNumQueues(65535)));
    }

    /** Such a device is driven as if nothing were, or it is refused in a line. */
    @ParameterizedTest
    @MethodSource("registers")
    void registersThatContradictThemselvesDoNotEndTheGuest(List<DeviceMischief> acts) throws Exception {
        RingKind ring = HostileRing.rings().findFirst().orElseThrow();
        assertDrivenOrRefused(ring.options().mischief(acts.toArray(DeviceMischief[]::new)), DiskOptions.DEFAULTS);
    }

    /** Each field at both of its ends and around what it is bounded by. Every feature that brings a field is offered. */
    @ParameterizedTest
    @EnumSource
    @Immunity({12, 13, 14, 41})
    void row12AFieldOfTheConfigurationMaySayAnything(DiskField field) throws Exception {
        VirtioOptions options = VirtioOptions.DEFAULTS.offer(Arrays.stream(DiskFeature.values())
                .filter(feature -> feature != DiskFeature.SEG_MAX
                        && feature != DiskFeature.BLK_SIZE
                        && feature != DiskFeature.FLUSH)
                .map(DiskFeature::bit)
                .toArray(Integer[]::new));
        long most = field.width() == 8 ? -1 : (1L << 8 * field.width()) - 1;
        for (long value : LongStream.of(0, 1, 2, 511, 512, 513, most >>> 1, (most >>> 1) + 1, most - 1, most)
                .map(any -> any & most)
                .distinct()
                .toArray()) {
            assertDrivenOrRefused(options.mischief(new SayField(field, value)), DiskOptions.DEFAULTS.queues(2));
        }
    }

    private static void assertDrivenOrRefused(VirtioOptions options, DiskOptions told) throws Exception {
        Setting setting = HostileRing.rings().findFirst().orElseThrow().setting();
        byte[] content = Misbehaving.content();
        try (Trial trial = Trial.boot(
                setting,
                new LabMachine.Emulated(EmulatedDevices.on(setting.platform())
                        .device(SeededDisk.of(Misbehaving.SECTORS * Misbehaving.SECTOR, Misbehaving.CONTENT)
                                .options(told)
                                .virtio(options))
                        .build()))) {
            DeviceReport report = trial.guest().devices().getFirst();
            if (report.outcome() != DeviceReport.Result.DRIVEN) {
                assertFalse(report.why().isEmpty());
                assertFalse(report.why().contains("\n"), report.why());
                return;
            }
            BlkDevice disk = trial.disk(0);
            int block = disk.configuration().blockSize();
            PhysRange buffer = trial.buffer(block);
            try {
                disk.read(0, buffer.basePa(), block);
                assertEquals(
                        -1,
                        trial.bytes(buffer)
                                .asSlice(0, Misbehaving.SECTOR)
                                .mismatch(MemorySegment.ofArray(Misbehaving.sector(content, 0))));
                SectorRange range = new SectorRange(0, disk.configuration().blockSectors());
                askFor(disk.configuration().discard(), () -> disk.discard(range));
                askFor(disk.configuration().writeZeroes(), () -> disk.writeZeroes(Allocation.KEEP, range));
            } catch (VirtioException e) {
                // What cannot be so is an answer in a line.
                assertFalse(e.getMessage().contains("\n"), e.getMessage());
            }
            trial.forgiveGuestErrors();
            trial.giveBack(buffer);
        }
    }

    /** A device that takes none is not asked. */
    private static void askFor(Optional<RangeLimits> limits, Asking asking) throws VirtioException {
        if (limits.isPresent() && limits.get().mostRanges() > 0 && limits.get().mostSectors() > 0) {
            asking.ask();
        } else {
            assertThrows(BlkUnsupportedException.class, asking::ask);
        }
    }

    /** A request about ranges. */
    @FunctionalInterface
    private interface Asking {
        void ask() throws VirtioException;
    }
}
