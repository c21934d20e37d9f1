package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PlanWithoutBackendTest {

    private final TestRam ram = new TestRam();

    @Test
    void aPlanThatNoBackendCarriesOutIsRefusedByNameWithARemedy() {
        List<DmaPlan> plans = List.of(
                new DmaPlan.Translated("iommu0"),
                new DmaPlan.Granted(),
                new DmaPlan.PageTranslated(),
                new DmaPlan.Bounced(new DmaPlan.Translated("iommu0")));
        for (DmaPlan plan : plans) {
            String message = assertThrows(
                            DmaMappingException.class,
                            () -> DmaContexts.open(plan, DmaMemory.plain(ram.frames()), DmaConstraints.NONE, "blk0"))
                    .getMessage();
            assertEquals(1, message.lines().count(), message);
            assertTrue(message.startsWith("blk0: ") && message.contains(plan.describe()), message);
        }
    }

    @Test
    void aPlanSaysWhatItIsInAFewWords() {
        assertEquals(
                "Bounced over Translated by iommu0", new DmaPlan.Bounced(new DmaPlan.Translated("iommu0")).describe());
    }
}
