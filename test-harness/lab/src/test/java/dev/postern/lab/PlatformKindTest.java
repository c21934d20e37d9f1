package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.Platform;
import dev.postern.quirks.decision.Presets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A platform that one of the machines can be and the suite does not know would go untested. */
class PlatformKindTest {

    private static Set<String> labels(MachineKind machine) {
        return machine.platforms().stream().map(PlatformKind::label).collect(Collectors.toSet());
    }

    @Test
    void theSuiteKnowsEveryPlatformOfEveryMachine() {
        assertEquals(
                Arrays.stream(Platform.values()).map(Platform::platformName).collect(Collectors.toSet()),
                labels(MachineKind.EMULATED));
        Set<String> windows = Arrays.stream(dev.postern.attach.SecurePlatform.values())
                .map(dev.postern.attach.SecurePlatform::presetName)
                .collect(Collectors.toSet());
        assertEquals(windows, labels(MachineKind.QEMU_Q35));
        assertEquals(windows, labels(MachineKind.VHOST_USER));
        Set<String> unknown = labels(MachineKind.EMULATED);
        Presets.names().forEach(unknown::remove);
        assertEquals(Set.of(), unknown, "presets that nobody can ask about");
    }

    @Test
    void whatKeepsMemoryPrivateIsSecure() {
        assertEquals(
                Arrays.stream(Platform.values())
                        .filter(Platform::keepsMemoryPrivate)
                        .map(Platform::platformName)
                        .collect(Collectors.toSet()),
                PlatformKind.SECURE.stream().map(PlatformKind::label).collect(Collectors.toSet()));
    }

    @Test
    void everySecurePlatformIsBouncedByPollingAndByMessages() {
        for (PlatformKind platform : PlatformKind.SECURE) {
            assertTrue(
                    Setting.bounced()
                                    .filter(setting -> setting.platform() == platform)
                                    .count()
                            >= 2,
                    platform.label());
            assertTrue(Setting.secureEmulated().anyMatch(setting -> setting.platform() == platform), platform.label());
        }
    }

    @Test
    void aMachineThatCannotBeOnAPlatformIsNotOpened() {
        assertEquals(
                "the machine qemu-q35 cannot be on the platform cca: choose one of [plain, sev-snp, tdx, pseries-svm],"
                        + " or the emulated machine",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> LabMachine.open(MachineKind.QEMU_Q35, PlatformKind.CCA, List.of()))
                        .getMessage());
    }
}
