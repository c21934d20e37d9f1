package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.DiskCounters;
import dev.postern.virtio.blk.Allocation;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkIoErrorException;
import dev.postern.virtio.blk.BlkRangeException;
import dev.postern.virtio.blk.BlkUnsupportedException;
import dev.postern.virtio.blk.RangeLimits;
import dev.postern.virtio.blk.SectorRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests about ranges, looked at from outside: in the image, and in what the device was asked. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.postern.lab.Setting#ofEachMachine")
@Timeout(120)
class DiskRangesTest {

    private static final int SECTORS = 2048;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    private Path image;
    private byte[] model;

    private Trial boot(DiskSettings settings) throws Exception {
        image = Images.random(folder, "image", SECTORS * SECTOR);
        model = Files.readAllBytes(image);
        return Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE).settings(settings));
    }

    private void zero(int first, int count) {
        Arrays.fill(model, first * SECTOR, (first + count) * SECTOR, (byte) 0);
    }

    @ParameterizedTest
    @EnumSource
    @Clause({"blk:882", "blk:896"})
    void whatIsWrittenWithZerosIsZeroAndNothingElseIs(Allocation allocation) throws Exception {
        try (Trial trial = boot(DiskSettings.NONE.offering(DiskFeature.WRITE_ZEROES))) {
            BlkDevice disk = trial.disk(0);
            disk.writeZeroes(
                    allocation, new SectorRange(3, 1), new SectorRange(100, 900), new SectorRange(SECTORS - 1, 1));
            disk.flush();
            zero(3, 1);
            zero(100, 900);
            zero(SECTORS - 1, 1);
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @Test
    @Clause({"blk:882", "blk:888", "blk:906"})
    void whatIsDiscardedIsAllThatChanges() throws Exception {
        try (Trial trial = boot(DiskSettings.NONE.offering(DiskFeature.DISCARD))) {
            BlkDevice disk = trial.disk(0);
            disk.discard(new SectorRange(8, 8), new SectorRange(512, 1024));
            disk.flush();
        }
        byte[] after = Files.readAllBytes(image);
        assertArrayEquals(Arrays.copyOf(model, 8 * SECTOR), Arrays.copyOf(after, 8 * SECTOR));
        assertEquals(-1, Arrays.mismatch(model, 16 * SECTOR, 512 * SECTOR, after, 16 * SECTOR, 512 * SECTOR));
        assertEquals(-1, Arrays.mismatch(model, 1536 * SECTOR, model.length, after, 1536 * SECTOR, after.length));
    }

    /** QEMU answers a request beyond its limits with an error, and the emulated disk notes it as the guest's. */
    @Test
    @Clause({"blk:888", "blk:896"})
    void longRangesAreCutToTheLimits() throws Exception {
        DiskSettings settings = DiskSettings.NONE
                .offering(DiskFeature.DISCARD)
                .offering(DiskFeature.WRITE_ZEROES)
                .with(DiskNumber.MAX_DISCARD_SECTORS, 64)
                .with(DiskNumber.MAX_WRITE_ZEROES_SECTORS, 24);
        try (Trial trial = boot(settings)) {
            BlkDevice disk = trial.disk(0);
            RangeLimits zeros = disk.configuration().writeZeroes().orElseThrow();
            assertEquals(24, zeros.mostSectors());
            assertEquals(64, disk.configuration().discard().orElseThrow().mostSectors());
            disk.writeZeroes(Allocation.KEEP, new SectorRange(1, 1000));
            disk.discard(new SectorRange(1200, 800));
            disk.flush();
            zero(1, 1000);
            if (trial.machine() instanceof LabMachine.Emulated emulated) {
                // 1000 / 24 and 800 / 64, and what an alignment cuts off.
                assertTrue(emulated.machine().disk("d0").counters().zeroWrites() >= 42);
                assertTrue(emulated.machine().disk("d0").counters().discards() >= 13);
            }
        }
        byte[] after = Files.readAllBytes(image);
        assertEquals(-1, Arrays.mismatch(model, 0, 1200 * SECTOR, after, 0, 1200 * SECTOR), Seed.words());
        assertEquals(
                -1,
                Arrays.mismatch(model, 2000 * SECTOR, model.length, after, 2000 * SECTOR, after.length),
                Seed.words());
    }

    /** QEMU 7.2 does not erase securely, and takes one range at a time. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 20})
    @Clause({"blk:882", "blk:888", "blk:892", "blk:896"})
    void manyRangesAreCutToTheSegmentsOfARequest(int most) throws Exception {
        if (setting.machine() == MachineKind.QEMU_Q35) {
            return;
        }
        DiskSettings settings = DiskSettings.NONE
                .offering(DiskFeature.SECURE_ERASE)
                .offering(DiskFeature.DISCARD)
                .offering(DiskFeature.WRITE_ZEROES)
                .with(DiskNumber.MAX_SECURE_ERASE_SEGMENTS, most)
                .with(DiskNumber.MAX_DISCARD_SEGMENTS, most)
                .with(DiskNumber.MAX_WRITE_ZEROES_SEGMENTS, most);
        SectorRange[] ranges = new SectorRange[50];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = new SectorRange(40L * i, 1 + i % 7);
        }
        try (Trial trial = boot(settings)) {
            BlkDevice disk = trial.disk(0);
            disk.secureErase(ranges);
            disk.discard(ranges);
            disk.writeZeroes(Allocation.KEEP, ranges);
            disk.flush();
            for (SectorRange range : ranges) {
                zero((int) range.first(), (int) range.count());
            }
            DiskCounters counters =
                    ((LabMachine.Emulated) trial.machine()).machine().disk("d0").counters();
            assertTrue(counters.secureErases() >= (ranges.length + most - 1) / most, counters.toString());
            assertTrue(counters.discards() >= (ranges.length + most - 1) / most, counters.toString());
            assertTrue(counters.zeroWrites() >= (ranges.length + most - 1) / most, counters.toString());
            assertEquals(0, counters.errors());
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @Test
    void aRangeBeyondTheDiskIsRefusedBeforeTheDeviceSeesIt() throws Exception {
        DiskSettings settings = DiskSettings.NONE.offering(DiskFeature.DISCARD).offering(DiskFeature.WRITE_ZEROES);
        try (Trial trial = boot(settings)) {
            BlkDevice disk = trial.disk(0);
            for (SectorRange range : new SectorRange[] {
                new SectorRange(SECTORS, 1),
                new SectorRange(SECTORS - 1, 2),
                new SectorRange(-1, 1),
                new SectorRange(0, 0),
                new SectorRange(1, Long.MAX_VALUE)
            }) {
                assertThrows(BlkRangeException.class, () -> disk.discard(range), range.toString());
                // One range that is wrong keeps the right one back too.
                assertThrows(
                        BlkRangeException.class,
                        () -> disk.writeZeroes(Allocation.KEEP, new SectorRange(0, 1), range),
                        range.toString());
            }
            disk.flush();
        }
        assertArrayEquals(model, Files.readAllBytes(image));
    }

    @Test
    void whatTheDeviceDoesNotOfferIsRefusedWithTheRemedy() throws Exception {
        DiskSettings settings =
                DiskSettings.NONE.withholding(DiskFeature.DISCARD).withholding(DiskFeature.WRITE_ZEROES);
        try (Trial trial = boot(settings)) {
            BlkDevice disk = trial.disk(0);
            SectorRange range = new SectorRange(0, 1);
            BlkUnsupportedException refused = assertThrows(BlkUnsupportedException.class, () -> disk.discard(range));
            assertTrue(refused.getMessage().contains("features=+discard"), refused.getMessage());
            assertThrows(BlkUnsupportedException.class, () -> disk.writeZeroes(Allocation.KEEP, range));
            assertThrows(BlkUnsupportedException.class, () -> disk.secureErase(range));
        }
    }

    @Test
    @Clause("blk:910")
    void aRangeThatFailsFailsItsRequestAndTheDiskGoesOn() throws Exception {
        DiskSettings settings =
                DiskSettings.NONE.offering(DiskFeature.WRITE_ZEROES).failing(DiskOperation.WRITE_ZEROES, 64);
        try (Trial trial = boot(settings)) {
            BlkDevice disk = trial.disk(0);
            BlkIoErrorException failed = assertThrows(
                    BlkIoErrorException.class,
                    () -> disk.writeZeroes(Allocation.KEEP, new SectorRange(64, 1), new SectorRange(100, 1)));
            assertTrue(
                    disk.configuration().writeZeroes().orElseThrow().mostRanges() == 1
                            || failed.getMessage().contains("which of the ranges were carried out is unknown"),
                    failed.getMessage());
            disk.writeZeroes(Allocation.KEEP, new SectorRange(200, 8));
            disk.flush();
            assertEquals(0, disk.recoveries());
        }
        assertArrayEquals(new byte[8 * SECTOR], Images.get(image, 200L * SECTOR, 8 * SECTOR));
    }
}
