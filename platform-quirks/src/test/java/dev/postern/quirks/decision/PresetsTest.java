package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
        assertTrue(message.contains("plane") && message.contains("[plain, sev-snp, tdx, pseries-svm]"), message);
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
}
