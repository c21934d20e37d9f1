package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkFeatures;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnEveryMachine
class DiskQueueTest {

    private static final int SECTORS = 4099;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Clause({"content:629", "split-ring:524"})
    void manySmallRequestsAtFullDepthAreEachAnsweredWithTheirOwnSector() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        SplittableRandom random = new SplittableRandom(Seed.value());
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            BlkDevice disk = trial.disk(0);
            int depth = disk.depth();
            assertTrue(depth > 1, "a depth of " + depth + " is no queue");
            PhysRange buffer = trial.buffer((long) depth * SECTOR);
            MemorySegment bytes = trial.bytes(buffer);
            // Enough that the ring's indices go round several times.
            for (int round = 0; round < 20; round++) {
                BlkRequest[] requests = new BlkRequest[depth];
                int[] sectors = new int[depth];
                for (int i = 0; i < depth; i++) {
                    sectors[i] = random.nextInt(SECTORS);
                    requests[i] = disk.submitRead(sectors[i], buffer.basePa() + (long) i * SECTOR, SECTOR);
                }
                assertFalse(disk.hasRoom());
                for (int i = 0; i < depth; i++) {
                    disk.await(requests[i]);
                    assertArrayEquals(
                            Arrays.copyOfRange(content, sectors[i] * SECTOR, (sectors[i] + 1) * SECTOR),
                            bytes.asSlice((long) i * SECTOR, SECTOR).toArray(ValueLayout.JAVA_BYTE),
                            "round %d, request %d, sector %d; %s".formatted(round, i, sectors[i], Seed.words()));
                }
                assertTrue(disk.hasRoom());
            }
            trial.giveBack(buffer);
        }
    }

    @Test
    @Clause("transport-pci:72")
    void twentyDisksBehindABridgeAreEachReadRight() throws Exception {
        List<LabDevice> devices = new ArrayList<>();
        devices.add(new LabDevice.Bridge("bridge"));
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Path image = Images.random(folder, "image" + i, SECTOR * (i + 1));
            contents.add(Files.readAllBytes(image));
            devices.add(new LabDevice.Disk("d" + i, image, READ_ONLY).behind("bridge"));
        }
        try (Trial trial = Trial.boot(setting, devices.toArray(LabDevice[]::new))) {
            assertEquals(20, trial.guest().disks().size());
            PhysRange buffer = trial.buffer(20 * SECTOR);
            for (int i = 0; i < 20; i++) {
                trial.disk(i).read(0, buffer.basePa(), (long) (i + 1) * SECTOR);
                assertArrayEquals(
                        contents.get(i),
                        trial.bytes(buffer).asSlice(0, (i + 1) * SECTOR).toArray(ValueLayout.JAVA_BYTE),
                        "disk " + i);
            }
            trial.giveBack(buffer);
        }
    }

    @Test
    void aDiskBehindARootPortIsReadRight() throws Exception {
        Path image = Images.random(folder, "image", 9 * SECTOR);
        try (Trial trial = Trial.boot(
                setting, new LabDevice.RootPort("rp0"), new LabDevice.Disk("d0", image, READ_ONLY).behind("rp0"))) {
            assertReads(trial, Files.readAllBytes(image));
        }
    }

    @ParameterizedTest
    @EnumSource(AdjustableFeature.class)
    @Clause({"content:142", "content:951", "split-ring:266"})
    void aDiskThatWithholdsAFeatureIsReadAndWrittenRight(AdjustableFeature feature) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE).withholding(feature))) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertFalse(report.offered().has(feature.bit()), report.offered() + " withholds " + feature);
            assertTrue(report.accepted().has(ReservedFeatures.VERSION_1));
            assertReads(trial, content);
            invertFirstSectors(trial, content, 100);
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                ReservedFeatures.INDIRECT_DESC,
                BlkFeatures.SEG_MAX,
                BlkFeatures.SIZE_MAX,
                BlkFeatures.BLK_SIZE,
                BlkFeatures.FLUSH
            })
    @Clause({"content:297", "split-ring:266"})
    void aDriverThatDeclinesAFeatureReadsAndWritesRight(int bit) throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, FeatureSet.of(bit), new LabDevice.Disk("d0", image, READ_WRITE))) {
            assertFalse(trial.guest().devices().getFirst().accepted().has(bit));
            if (bit == BlkFeatures.SEG_MAX) {
                assertEquals(1, trial.disk(0).configuration().mostSegments(), "the field is there, but not to be read");
            }
            assertReads(trial, content);
            invertFirstSectors(trial, content, 100);
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }

    @Test
    @Clause("content:957")
    void withoutAccessPlatformTheDeviceIsGivenPhysicalAddresses() throws Exception {
        Path image = Images.random(folder, "image", SECTOR);
        try (Trial trial = Trial.boot(
                setting, new LabDevice.Disk("d0", image, READ_ONLY).withholding(AdjustableFeature.ACCESS_PLATFORM))) {
            assertEquals("Direct", trial.guest().devices().getFirst().plan().replaceAll("\\W.*", ""));
            assertReads(trial, Files.readAllBytes(image));
        }
    }

    @Test
    void aDiskThatOffersAccessPlatformWhereNothingTranslatesIsReadRight() throws Exception {
        Path image = Images.random(folder, "image", SECTOR);
        try (Trial trial = Trial.boot(
                setting, new LabDevice.Disk("d0", image, READ_ONLY).offering(AdjustableFeature.ACCESS_PLATFORM))) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertTrue(report.accepted().has(ReservedFeatures.ACCESS_PLATFORM), report.why());
            assertReads(trial, Files.readAllBytes(image));
        }
    }

    private static void assertReads(Trial trial, byte[] content) throws Exception {
        PhysRange buffer = trial.buffer(content.length);
        trial.disk(0).read(0, buffer.basePa(), content.length);
        assertArrayEquals(
                content, trial.bytes(buffer).asSlice(0, content.length).toArray(ValueLayout.JAVA_BYTE), Seed.words());
        trial.giveBack(buffer);
    }

    /** Writes and flushes the complement of what is there, in the model too. */
    private static void invertFirstSectors(Trial trial, byte[] model, int sectors) throws Exception {
        int length = sectors * SECTOR;
        for (int i = 0; i < length; i++) {
            model[i] ^= (byte) 0xff;
        }
        PhysRange buffer = trial.buffer(length);
        MemorySegment.copy(model, 0, trial.bytes(buffer), ValueLayout.JAVA_BYTE, 0, length);
        trial.disk(0).write(0, buffer.basePa(), length);
        trial.disk(0).flush();
        trial.giveBack(buffer);
    }
}
