package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.GIB;
import static dev.postern.lab.Images.MIB;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.Digest;
import dev.postern.app.Progress;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images too large for every combination. */
@Timeout(1200)
class WholeImageTest {

    @TempDir
    static Path folder;

    private static Path image;
    private static String expected;

    @BeforeAll
    static void makeImage() throws Exception {
        image = Images.random(folder, "image", 64 * MIB);
        expected = Images.sha256(image);
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.Setting#audited")
    void theDigestOfSixtyFourMebibytesIsRight(Setting setting) throws Exception {
        assertEquals(expected, digest(setting, image), Seed.words());
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.Setting#audited")
    @EnabledIfSystemProperty(named = "postern.campaign", matches = "true", disabledReason = "takes minutes: -Pcampaign")
    void theDigestOfFiveGibibytesIsRight(Setting setting) throws Exception {
        Path large = Images.sparse(folder, "large-" + setting.machine() + setting.interrupts(), 5 * GIB);
        Images.put(large, 4 * GIB - 1, new byte[] {1, 2});
        assertEquals(Images.sha256(large), digest(setting, large));
    }

    private static String digest(Setting setting, Path file) throws Exception {
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", file, READ_ONLY))) {
            return new Digest()
                    .run(trial.guest().guest(Progress.NONE))
                    .byDevice()
                    .get("blk0");
        }
    }
}
