package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.MIB;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.CloneDisk;
import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.boot.DeviceReport;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.blk.BlkFeatures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images through qemu-storage-daemon, with all that it offers and with each of it turned off; files are compared without any driver. */
@Timeout(300)
class StorageDaemonTest {

    private static final int[] OFFERED = {
        BlkFeatures.SEG_MAX,
        BlkFeatures.BLK_SIZE,
        BlkFeatures.FLUSH,
        BlkFeatures.TOPOLOGY,
        BlkFeatures.CONFIG_WCE,
        BlkFeatures.MQ,
        BlkFeatures.DISCARD,
        BlkFeatures.WRITE_ZEROES,
        ReservedFeatures.INDIRECT_DESC,
        ReservedFeatures.EVENT_IDX
    };

    @TempDir
    static Path folder;

    private static Path source;
    private static String digest;

    @BeforeAll
    static void makeImage() throws Exception {
        source = Images.random(folder, "source", MIB + SECTOR);
        digest = Images.sha256(source);
    }

    /** All, each of them withheld, and all of them. */
    static Stream<Arguments> withheld() {
        Stream<FeatureSet> each = IntStream.of(OFFERED).mapToObj(FeatureSet::of);
        return Stream.concat(Stream.of(FeatureSet.EMPTY, FeatureSet.of(OFFERED)), each)
                .flatMap(set -> SocketGuest.settings().map(setting -> Arguments.of(setting, set)));
    }

    @ParameterizedTest
    @MethodSource("withheld")
    @Clause({"content:142", "split-ring:266"})
    void anImageIsReadAndClonedRight(Setting setting, FeatureSet withheld) throws Exception {
        Path target = Files.createTempFile(folder, "target", "");
        try {
            Images.put(target, Files.size(source) - 1, new byte[1]);
            DiskSettings queues = DiskSettings.NONE.with(DiskNumber.QUEUES, 2);
            try (Trial trial = Trial.boot(
                    setting,
                    withheld,
                    new LabDevice.Disk("d0", source, READ_ONLY).settings(queues),
                    new LabDevice.Disk("d1", target, READ_WRITE).settings(queues))) {
                for (DeviceReport report : trial.guest().devices()) {
                    assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
                    IntStream.of(OFFERED).forEach(bit -> {
                        assertTrue(report.offered().has(bit), "the daemon does not offer " + bit);
                        assertEquals(!withheld.has(bit), report.accepted().has(bit), "bit " + bit + " of " + report);
                    });
                }
                assertEquals(
                        digest,
                        new Digest()
                                .run(trial.guest().guest(Progress.NONE))
                                .byDevice()
                                .get("blk0"));
                new CloneDisk().run(trial.guest().guest(Progress.NONE));
                assertEquals(0, trial.disk(0).recoveries() + trial.disk(1).recoveries());
            }
            assertEquals(-1, Files.mismatch(source, target), Seed.words());
        } finally {
            Files.delete(target);
        }
    }
}
