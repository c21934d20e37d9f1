package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.GIB;
import static dev.postern.lab.Images.MIB;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRangeException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnEveryMachine
class DiskReadingTest {

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {SECTOR, 513 * SECTOR, 8 * MIB})
    void theDigestOfADiskIsThatOfItsImage(long bytes) throws Exception {
        Path image = Images.random(folder, "image", bytes);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            String digest = new Digest()
                    .run(trial.guest().guest(Progress.NONE))
                    .byDevice()
                    .get("blk0");
            assertEquals(Images.sha256(image), digest, Seed.words());
        }
    }

    @Test
    @Clause("content:284")
    void bothEndsAndTheFourGibibyteBorderOfALargeDiskAreWhereTheyShouldBe() throws Exception {
        long size = 5 * GIB;
        Path image = Images.sparse(folder, "image", size);
        long[] places = {0, 4 * GIB - SECTOR, 4 * GIB, size - SECTOR};
        byte[][] marks = new byte[places.length][SECTOR];
        for (int i = 0; i < places.length; i++) {
            java.util.Arrays.fill(marks[i], (byte) (i + 1));
            Images.put(image, places[i], marks[i]);
        }
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            BlkDevice disk = trial.disk(0);
            assertEquals(size / SECTOR, disk.sectors());
            PhysRange buffer = trial.buffer(3 * SECTOR);
            for (int i = 0; i < places.length; i++) {
                long first = Math.clamp(places[i] / SECTOR - 1, 0, size / SECTOR - 3);
                disk.read(first, buffer.basePa(), 3 * SECTOR);
                assertArrayEquals(
                        Images.get(image, first * SECTOR, 3 * SECTOR),
                        trial.bytes(buffer).asSlice(0, 3 * SECTOR).toArray(ValueLayout.JAVA_BYTE),
                        "around byte " + places[i]);
            }
            trial.giveBack(buffer);
        }
    }

    @Test
    @Clause("blk:871")
    void aRequestPastTheEndIsRefusedBeforeTheDeviceSeesIt() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            BlkDevice disk = trial.disk(0);
            PhysRange buffer = trial.buffer(2 * SECTOR);
            long pa = buffer.basePa();
            for (long sector : new long[] {7, 8, -1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / SECTOR}) {
                assertThrows(
                        BlkRangeException.class, () -> disk.read(sector, pa, 2 * SECTOR), "2 sectors at " + sector);
            }
            // The emulated device would report a request past the end as the guest's error when the trial closes.
            disk.read(6, pa, 2 * SECTOR);
            trial.giveBack(buffer);
        }
    }

    @Test
    @Clause("blk:879")
    void aLengthThatIsNotWholeSectorsIsRefused() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            PhysRange buffer = trial.buffer(2 * SECTOR);
            for (long bytes : new long[] {0, 1, SECTOR - 1, SECTOR + 1, -SECTOR}) {
                BlkRangeException refused = assertThrows(
                        BlkRangeException.class,
                        () -> trial.disk(0).submitRead(0, buffer.basePa(), bytes),
                        bytes + " bytes");
                assertTrue(refused.getMessage().contains("give whole sectors"), refused.getMessage());
            }
            trial.giveBack(buffer);
        }
    }

    @Test
    @Clause("blk:886")
    void theIdIsTheOneTheHostGave() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            assertEquals(
                    switch (setting.machine()) {
                        case EMULATED -> "d0";
                        // It names a disk to the guest only when it is told a serial number, and it is told none here.
                        case QEMU_Q35 -> "";
                        // It cannot be told any.
                        case VHOST_USER -> "vhost_user_blk";
                    },
                    trial.disk(0).id());
        }
    }
}
