package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.SecurePlatform;
import dev.postern.quirks.decision.Presets;
import java.util.Arrays;
import java.util.HashSet;
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
                Arrays.stream(SecurePlatform.values())
                        .map(SecurePlatform::platformName)
                        .collect(Collectors.toSet()),
                labels(MachineKind.EMULATED));
        assertEquals(
                Arrays.stream(dev.postern.attach.SecurePlatform.values())
                        .map(dev.postern.attach.SecurePlatform::presetName)
                        .collect(Collectors.toSet()),
                labels(MachineKind.QEMU_Q35));
        assertEquals(new HashSet<>(Presets.names()), labels(MachineKind.EMULATED));
    }

    @Test
    void everyPlatformButThePlainOneIsSecure() {
        Set<PlatformKind> all = new HashSet<>(PlatformKind.SECURE);
        assertTrue(all.add(PlatformKind.PLAIN));
        assertEquals(Set.of(PlatformKind.values()), all);
        assertEquals(PlatformKind.SECURE.size(), all.size() - 1);
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
