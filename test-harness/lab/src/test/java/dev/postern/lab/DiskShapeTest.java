package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.boot.DeviceReport;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRangeException;
import dev.postern.virtio.blk.BlkRequest;
import dev.postern.virtio.blk.CacheMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks of every shape: several queues, large blocks, small segments, caches, and sizes that change at work. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.postern.lab.Setting#ofEachMachine")
@Timeout(120)
class DiskShapeTest {

    private static final int SECTORS = 2048;
    private static final int FEATURES_OK = 8;
    /** blk:88 to 131. */
    private static final int WRITEBACK = 32;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    private Path image;
    private byte[] model;

    private LabDevice.Disk disk(DiskSettings settings) throws Exception {
        image = Images.random(folder, "image", SECTORS * SECTOR);
        model = Files.readAllBytes(image);
        return new LabDevice.Disk("d0", image, READ_WRITE).settings(settings);
    }

    /** Reads all, writes the complement of all and makes it last. */
    private void turnOver(Trial trial) throws Exception {
        BlkDevice disk = trial.disk(0);
        PhysRange buffer = trial.buffer(model.length);
        MemorySegment bytes = trial.bytes(buffer).asSlice(0, model.length);
        disk.read(0, buffer.basePa(), model.length);
        assertArrayEquals(model, bytes.toArray(ValueLayout.JAVA_BYTE), Seed.words());
        for (int i = 0; i < model.length; i++) {
            model[i] ^= (byte) 0xff;
        }
        bytes.copyFrom(MemorySegment.ofArray(model));
        disk.write(0, buffer.basePa(), model.length);
        disk.flush();
        trial.giveBack(buffer);
    }

    @ParameterizedTest
    @EnumSource
    void severalQueuesShareTheWork(RingKind.Format format) throws Exception {
        LabDevice.Disk disk = disk(DiskSettings.NONE.with(DiskNumber.QUEUES, 4));
        LabDevice.Disk with = format == RingKind.Format.PACKED ? disk.offering(AdjustableFeature.RING_PACKED) : disk;
        try (Trial trial = Trial.boot(setting, with)) {
            assertEquals(4, trial.disk(0).queues());
            // Each burst goes to the next queue.
            for (int burst = 0; burst < 8; burst++) {
                turnOver(trial);
            }
            if (setting.machine().discovery() == MachineKind.Discovery.BY_PCI) {
                RawVirtio raw = RawVirtio.of(trial).getFirst();
                for (int queue = 0; queue < 4; queue++) {
                    RawVirtio.QueuePlaces places = raw.places(queue);
                    LiveRing live = LiveRing.of(trial.machine().machine(), places, format);
                    assertFalse(live.untouched(), "queue %d had nothing to do".formatted(queue));
                }
            }
            assertEquals(0, trial.disk(0).recoveries());
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @Test
    void whatIsWrittenUnderEitherModeOfTheCacheStays() throws Exception {
        try (Trial trial = Trial.boot(setting, disk(DiskSettings.NONE.offering(DiskFeature.CONFIG_WCE)))) {
            BlkDevice disk = trial.disk(0);
            for (CacheMode mode : new CacheMode[] {CacheMode.WRITETHROUGH, CacheMode.WRITEBACK}) {
                disk.switchCache(mode);
                assertEquals(mode, disk.cacheMode());
                turnOver(trial);
            }
            assertEquals(0, disk.recoveries());
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 4096})
    @Clause("blk:879")
    void requestsAreOfWholeBlocks(int block) throws Exception {
        DiskSettings settings =
                DiskSettings.NONE.with(DiskNumber.BLOCK_SIZE, block).with(DiskNumber.PHYSICAL_BLOCK_SIZE, block);
        try (Trial trial = Trial.boot(setting, disk(settings))) {
            BlkDevice disk = trial.disk(0);
            assertEquals(block, disk.configuration().blockSize());
            assertEquals(0, disk.largestTransfer() % block);
            PhysRange buffer = trial.buffer(2L * block);
            int sectors = block / SECTOR;
            assertThrows(BlkRangeException.class, () -> disk.read(0, buffer.basePa(), SECTOR));
            assertThrows(BlkRangeException.class, () -> disk.read(1, buffer.basePa(), block));
            assertThrows(BlkRangeException.class, () -> disk.write(sectors + 1L, buffer.basePa(), block));
            disk.read(sectors, buffer.basePa(), block);
            trial.giveBack(buffer);
            turnOver(trial);
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @Test
    @Clause("split-ring:271")
    void largeTransfersAreCutToTheSegmentsThatTheDeviceTakes() throws Exception {
        // QEMU finds out by itself; the emulated disk is told. Either refuses what is longer.
        DiskSettings settings = setting.machine() == MachineKind.QEMU_Q35
                ? DiskSettings.NONE.with(DiskNumber.QUEUE_SIZE, 8).with(DiskChoice.SEG_MAX_ADJUST, "on")
                : DiskSettings.NONE
                        .offering(DiskFeature.SIZE_MAX)
                        .with(DiskNumber.SEG_MAX, 3)
                        .with(DiskNumber.SIZE_MAX, 1024);
        try (Trial trial = Trial.boot(setting, disk(settings))) {
            BlkDevice disk = trial.disk(0);
            assertTrue(
                    disk.configuration().mostSegments() <= 6,
                    disk.configuration().toString());
            turnOver(trial);
            assertEquals(0, disk.recoveries());
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @Test
    @Clause({"blk:293", "blk:903"})
    void theCacheIsSwitchedAndItsModeIsNotReadTooEarly() throws Exception {
        assumeTrue(
                setting.machine().discovery() == MachineKind.Discovery.BY_PCI,
                "vhost-user: its configuration is read in one message, and there is no register to watch");
        LabMachine machine = LabMachine.open(
                setting.machine(),
                List.of(disk(DiskSettings.NONE.offering(DiskFeature.CONFIG_WCE).with(DiskChoice.WRITE_CACHE, "on"))));
        TappedRegisters registers = new TappedRegisters(machine.machine().registers());
        LabMachine tapped =
                new LabMachine.Overlaid(machine, OverlaidMachine.registers(machine.machine(), inside -> registers));
        long[] places = new long[2];
        try (Trial other = Trial.boot(setting, disk(DiskSettings.NONE, "other"))) {
            RawVirtio raw = RawVirtio.of(other).getFirst();
            places[0] = raw.statusPa();
            places[1] = raw.deviceConfigurationPa() + WRITEBACK;
        }
        List<Long> tooEarly = new ArrayList<>();
        long[] status = new long[1];
        int[] reads = new int[1];
        registers.tap(new TappedRegisters.Tap() {
            @Override
            public void writing(long pa, int bytes, long value) {
                if (pa == places[0]) {
                    status[0] = value;
                }
            }

            @Override
            public void reading(long pa) {
                if (pa == places[1]) {
                    reads[0]++;
                    if ((status[0] & FEATURES_OK) == 0) {
                        tooEarly.add(status[0]);
                    }
                }
            }
        });
        try (Trial trial = Trial.boot(setting, tapped)) {
            BlkDevice disk = trial.disk(0);
            assertTrue(reads[0] > 0, "the mode was never read");
            assertEquals(List.of(), tooEarly);
            assertEquals(CacheMode.WRITEBACK, disk.cacheMode());
            turnOver(trial);
            disk.switchCache(CacheMode.WRITETHROUGH);
            assertEquals(CacheMode.WRITETHROUGH, disk.cacheMode());
            if (machine instanceof LabMachine.Emulated emulated) {
                // That of turnOver, and one because switching makes nothing last.
                assertEquals(2, emulated.machine().disk("d0").counters().flushes());
            }
            turnOver(trial);
            disk.switchCache(CacheMode.WRITEBACK);
            assertEquals(CacheMode.WRITEBACK, disk.cacheMode());
            turnOver(trial);
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    private LabDevice.Disk disk(DiskSettings settings, String name) throws Exception {
        return new LabDevice.Disk("d0", Images.random(folder, name, SECTORS * SECTOR), READ_WRITE).settings(settings);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, SECTORS / 2, 2 * SECTORS})
    @Clause("blk:871")
    void aSizeThatChangesUnderLoadLosesNoRequest(int sectors) throws Exception {
        try (Trial trial = Trial.boot(setting, disk(DiskSettings.NONE))) {
            BlkDevice disk = trial.disk(0);
            PhysRange buffer = trial.buffer((long) disk.depth() * SECTOR);
            BlkRequest[] requests = new BlkRequest[disk.depth()];
            int answered = 0;
            for (int round = 0; round < 20; round++) {
                int submitted = 0;
                for (int i = 0; i < requests.length; i++) {
                    int sector = i * (SECTORS / requests.length);
                    if (sector < disk.sectors()) {
                        requests[submitted++] = disk.submitRead(sector, buffer.basePa() + (long) i * SECTOR, SECTOR);
                    }
                }
                disk.kick();
                if (round == 10) {
                    trial.machine().resize("d0", (long) sectors * SECTOR);
                }
                for (int i = 0; i < submitted; i++) {
                    try {
                        disk.await(requests[i]);
                    } catch (VirtioException e) {
                        // What lies behind the new end when it is served is not there any more.
                        assertTrue(round >= 10 && sectors < SECTORS, e.getMessage());
                    }
                    answered++;
                }
            }
            assertTrue(answered >= 10 * requests.length);
            disk.refresh();
            assertEquals(sectors, disk.sectors());
            assertThrows(BlkRangeException.class, () -> disk.read(sectors, buffer.basePa(), SECTOR));
            assertEquals(0, disk.recoveries());
            trial.giveBack(buffer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host-managed", "host-aware", "none"})
    @Clause({"blk:296", "blk:301", "blk:312"})
    void aDiskThatHasToBeWrittenByZonesIsRefusedAndOthersAreDrivenAsUsual(String zones) throws Exception {
        if (setting.machine() != MachineKind.EMULATED) {
            // QEMU 7.2 and its daemon have no zoned disks; a withheld feature shows that none is asked for.
            try (Trial trial = Trial.boot(setting, disk(DiskSettings.NONE))) {
                assertFalse(trial.guest().devices().getFirst().accepted().has(DiskFeature.ZONED.bit()));
            }
            return;
        }
        DiskSettings settings = DiskSettings.NONE.offering(DiskFeature.ZONED).with(DiskChoice.ZONES, zones);
        try (Trial trial = Trial.boot(setting, disk(settings))) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertFalse(report.accepted().has(DiskFeature.ZONED.bit()), report.toString());
            if (zones.equals("host-managed")) {
                assertNotEquals(DeviceReport.Result.DRIVEN, report.outcome());
                assertTrue(report.why().contains("zone"), report.why());
                assertFalse(report.why().contains("\n"), report.why());
            } else {
                assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
                turnOver(trial);
            }
        }
        assertArrayEquals(model, Files.readAllBytes(image));
    }
}
