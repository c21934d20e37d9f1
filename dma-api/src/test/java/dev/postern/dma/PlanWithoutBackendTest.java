package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.bounce.BouncePool;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PlanWithoutBackendTest {

    private final TestRam ram = new TestRam();
    private final DmaMemory plain = DmaMemory.plain(ram.frames());

    @Test
    void aPlanThatNoBackendCarriesOutIsRefusedByNameWithARemedy() {
        DmaPlan translated = new DmaPlan.Translated("iommu0");
        refused(translated, plain, "no backend carries out", "take the IOMMU away");
        refused(new DmaPlan.Bounced(translated), plain, "no backend carries out", "take the IOMMU away");
    }

    @Test
    void aPlanWhoseMeansAreMissingIsRefusedWithWhatIsMissing() {
        DmaMemory pooled = new DmaMemory(ram.frames(), Optional.empty(), Optional.of(pool()));
        DmaMemory granting = plain.withGrants(new FakeGrantTable(ram));
        DmaMemory numbered = plain.withMachineFrames(new FakeMachineFrames(ram, 1, 1));
        refused(new DmaPlan.Granted(), plain, "needs a grant table, and there is none: ");
        refused(new DmaPlan.PageTranslated(), plain, "needs the machine's frame numbers, and there are none: ");
        refused(new DmaPlan.Bounced(new DmaPlan.Direct(0)), plain, "needs a bounce pool, and there is none: ");
        refused(new DmaPlan.Bounced(new DmaPlan.Granted()), granting, "needs a bounce pool, and there is none: ");
        refused(new DmaPlan.Bounced(new DmaPlan.Granted()), pooled, "needs a grant table, and there is none: ");
        refused(new DmaPlan.Bounced(new DmaPlan.PageTranslated()), numbered, "needs a bounce pool, and there is none");
        refused(new DmaPlan.Bounced(new DmaPlan.PageTranslated()), pooled, "needs the machine's frame numbers");
    }

    @Test
    void aPlanOfXenIsRefusedForADeviceThatIsNotSnooped() {
        DmaMemory all = new DmaMemory(ram.frames(), Optional.empty(), Optional.of(pool()))
                .withGrants(new FakeGrantTable(ram))
                .withMachineFrames(new FakeMachineFrames(ram, 1, 1))
                .withCaches(new FakeCaches(ram, 64));
        for (DmaPlan plan : new DmaPlan[] {new DmaPlan.Granted(), new DmaPlan.PageTranslated()}) {
            refused(plan, all, "is for devices that are snooped");
            refused(new DmaPlan.Bounced(plan), all, "is for devices that are snooped");
        }
    }

    @Test
    void aDeviceThatCannotExpressAGrantIsRefused() {
        DmaMemory granting =
                new DmaMemory(ram.frames(), Optional.empty(), Optional.of(pool())).withGrants(new FakeGrantTable(ram));
        DmaConstraints narrow = new DmaConstraints(63, Long.MAX_VALUE, 0, 0);
        DmaConstraints legacy = new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 44, PaWindow.ALL);
        for (DmaPlan plan : new DmaPlan[] {new DmaPlan.Granted(), new DmaPlan.Bounced(new DmaPlan.Granted())}) {
            refused(plan, granting, narrow, "needs 64 address bits", "has 63");
            refused(plan, granting, legacy, "needs 64 address bits", "44 of them for queues");
        }
    }

    @Test
    void aPlanSaysWhatItIsInAFewWords() {
        assertEquals(
                "Bounced over Translated by iommu0", new DmaPlan.Bounced(new DmaPlan.Translated("iommu0")).describe());
    }

    private BouncePool pool() {
        return new SecureRam().pool(64 << 10);
    }

    private static void refused(DmaPlan plan, DmaMemory memory, String... words) {
        refused(plan, memory, DmaConstraints.NONE, words);
    }

    private static void refused(DmaPlan plan, DmaMemory memory, DmaConstraints constraints, String... words) {
        String message = assertThrows(
                        DmaMappingException.class, () -> DmaContexts.open(plan, memory, constraints, "blk0"))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains("blk0: ") && message.contains(plan.describe()), message);
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }
}
