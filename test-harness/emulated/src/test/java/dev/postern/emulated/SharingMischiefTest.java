package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.emulated.mischief.GarblePageStateAnswer;
import dev.postern.emulated.mischief.MisleadMapGpa;
import dev.postern.emulated.mischief.PretendConversionAt;
import dev.postern.emulated.mischief.RetryMapGpa;
import dev.postern.emulated.mischief.SharingMischief;
import dev.postern.machine.MachineDiedException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A host that does not convert pages as it was asked. */
class SharingMischiefTest {

    private static final long PAGE = 0x30_0000L;
    private static final long SHARED = PAGE | PokedPlatform.SHARED_BIT;
    private static final long INVALID_OPERAND = 0x8000_0000_0000_0000L;

    private static EmulatedMachine with(Platform platform, SharingMischief act) {
        return PokedPlatform.machine(platform).mischief(act).build();
    }

    @Test
    void aFailedPageStateChangeSaysSoAndLeavesThePage() {
        try (EmulatedMachine machine = with(Platform.SEV_SNP, new FailConversionAt(2))) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.SEV_SNP);
            poked.share(PAGE, 4096);
            assertEquals(0, poked.pvalidate(PAGE + 4096, 0)[1]);
            long answer = poked.pageState(PAGE + 4096, 2);
            assertEquals(0x015, answer & 0xfff);
            assertNotEquals(0, answer >>> 32);
            assertFalse(machine.sharedPages().contains(PAGE + 4096));
            poked.pageState(PAGE + 4096, 2);
            assertTrue(machine.sharedPages().contains(PAGE + 4096), "only the second fails");
            assertEquals(List.of(), machine.guestErrors(), "the guest did nothing wrong");
        }
    }

    @Test
    void unsharingFailsTheSameWay() {
        try (EmulatedMachine machine = with(Platform.SEV_SNP, new FailConversionAt(2))) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.SEV_SNP);
            poked.share(PAGE, 4096);
            assertNotEquals(0, poked.pageState(PAGE, 1) >>> 32);
            assertTrue(machine.sharedPages().contains(PAGE));
        }
    }

    @Test
    void aFailedMapGpaConvertsThePagesBeforeAndNamesTheOneThatFailed() {
        try (EmulatedMachine machine = with(Platform.TDX, new FailConversionAt(3))) {
            long[] results = new PokedPlatform(machine, Platform.TDX).mapGpa(SHARED, 4 * 4096);
            assertEquals(0, results[0]);
            assertEquals(INVALID_OPERAND, results[5]);
            assertEquals(SHARED + 2 * 4096, results[6]);
            assertEquals(
                    List.of(new SharedPages.Range(PAGE, 2 * 4096)),
                    machine.sharedPages().ranges());
        }
    }

    @Test
    void aFailedUltravisorCallConvertsThePagesBefore() {
        try (EmulatedMachine machine = with(Platform.PSERIES_SVM, new FailConversionAt(2))) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.PSERIES_SVM);
            assertEquals(-4, poked.ultravisor(0xf130, PAGE / PokedPlatform.LARGE_PAGE, 3));
            assertEquals(1, machine.sharedPages().count());
        }
    }

    @Test
    void aRetryNamesTheRest() {
        try (EmulatedMachine machine = with(Platform.TDX, new RetryMapGpa(1))) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.TDX);
            long[] first = poked.mapGpa(SHARED, 3 * 4096);
            assertEquals(1, first[5]);
            assertEquals(SHARED + 4096, first[6]);
            assertEquals(1, machine.sharedPages().count());
            long[] second = poked.mapGpa(first[6], 2 * 4096);
            assertEquals(0, second[5]);
            assertEquals(
                    List.of(new SharedPages.Range(PAGE, 3 * 4096)),
                    machine.sharedPages().ranges());
        }
    }

    @Test
    void aNonsenseRetryConvertsNothing() {
        for (long offset : new long[] {-4096, 0, 4096, 1 << 20}) {
            try (EmulatedMachine machine = with(Platform.TDX, new MisleadMapGpa(1, offset))) {
                long[] results = new PokedPlatform(machine, Platform.TDX).mapGpa(SHARED, 4096);
                assertEquals(1, results[5]);
                assertEquals(SHARED + offset, results[6]);
                assertEquals(0, machine.sharedPages().count());
            }
        }
    }

    @Test
    void aPretendedConversionLooksLikeSuccess() {
        try (EmulatedMachine machine = with(Platform.TDX, new PretendConversionAt(1))) {
            assertEquals(0, new PokedPlatform(machine, Platform.TDX).mapGpa(SHARED, 4096)[5]);
            assertEquals(0, machine.sharedPages().count());
        }
    }

    @Test
    void aPretendedUnsharingIsFoundOutByValidating() {
        try (EmulatedMachine machine = with(Platform.SEV_SNP, new PretendConversionAt(2))) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.SEV_SNP);
            poked.share(PAGE, 4096);
            assertThrows(MachineDiedException.class, () -> poked.unshare(PAGE, 4096));
        }
    }

    @Test
    void aGarbledAnswerHasAnotherCode() {
        try (EmulatedMachine machine = with(Platform.SEV_SNP, new GarblePageStateAnswer(1))) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.SEV_SNP);
            poked.pvalidate(PAGE, 0);
            assertNotEquals(0x015, poked.pageState(PAGE, 2) & 0xfff);
            assertTrue(machine.sharedPages().contains(PAGE));
        }
    }

    @Test
    void mischiefThatCannotHappenIsRefused() {
        for (var builder : List.of(
                EmulatedMachine.builder().mischief(new FailConversionAt(1)),
                EmulatedMachine.builder().platform(Platform.SEV_SNP).mischief(new RetryMapGpa(1)),
                EmulatedMachine.builder().platform(Platform.TDX).mischief(new GarblePageStateAnswer(1)),
                EmulatedMachine.builder().platform(Platform.PSERIES_SVM).mischief(new PretendConversionAt(1)))) {
            MachineConfigurationException refused = assertThrows(MachineConfigurationException.class, builder::build);
            assertTrue(refused.getMessage().contains("leave it out"), refused::getMessage);
        }
    }
}
