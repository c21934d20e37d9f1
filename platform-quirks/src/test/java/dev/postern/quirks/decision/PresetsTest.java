package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PresetsTest {

    @Test
    void everyNameThatIsListedIsKnownAndItsFactsCarryIt() {
        for (String name : Presets.names()) {
            assertEquals(name, Presets.named(name).preset().value());
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheNamesThatThereAre() {
        String message = assertThrows(IllegalArgumentException.class, () -> Presets.named("plane"))
                .getMessage();
        assertTrue(
                message.contains("plane")
                        && message.contains(
                                "[plain, sev, sev-es, sev-snp, hyperv-vtom, tdx, cca, pkvm, pseries-svm, s390-pv]"),
                message);
    }

    @Test
    void everySecurePlatformSaysWhatLinuxDoesWithoutAccessPlatform() {
        Set<String> stalls = Set.of("cca", "pkvm", "pseries-svm");
        for (String name : Presets.names()) {
            if (!name.equals("plain")) {
                MemoryReach.SharedPagesOnly reach = assertInstanceOf(
                        MemoryReach.SharedPagesOnly.class,
                        DmaDecision.decide(modern(), Presets.named(name))
                                .explanation()
                                .platform()
                                .reach()
                                .value());
                assertEquals(
                        stalls.contains(name)
                                ? MemoryReach.LinuxAnswer.HANDS_OUT_PRIVATE_ADDRESSES
                                : MemoryReach.LinuxAnswer.REFUSES,
                        reach.withoutAccessPlatform(),
                        name);
            }
        }
    }

    @Test
    void addressBitsOutOfRangeAreRefused() {
        for (int bits : new int[] {0, 65, -1}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new DeviceFacts("blk0", Fact.of(Set.of(), "test"), Fact.of(bits, "test")))
                    .getMessage();
            assertTrue(message.contains("give 1 to 64"), message);
        }
    }

    private static DeviceFacts modern() {
        return new DeviceFacts(
                "blk0", Fact.of(Set.of(ReservedFeature.VERSION_1), "test"), Fact.of(64, "the transport's default"));
    }
}
