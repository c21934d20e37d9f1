package dev.postern.lab;

import static dev.postern.lab.PlatformKind.*;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.emulated.mischief.GarblePageStateAnswer;
import dev.postern.emulated.mischief.MisleadMapGpa;
import dev.postern.emulated.mischief.PretendConversionAt;
import dev.postern.emulated.mischief.RetryMapGpa;
import dev.postern.lab.SharingRun.Ending;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The host refuses, lies or answers nonsense at every single conversion of a page in a guest's life. */
@Timeout(300)
class SharingFailureTest {

    private static final int SMALL_PAGE = 4096;
    private static final int LARGE_PAGE = 65536;
    private static final int MOST_CONVERSIONS = 1000;

    @ParameterizedTest
    @EnumSource(
            value = PlatformKind.class,
            // On the first SEV and on SEV-ES there is nobody to refuse.
            names = {"SEV_SNP", "HYPERV_VTOM", "TDX", "CCA", "PKVM", "PSERIES_SVM", "S390_PV"})
    @Immunity(36)
    void aConversionThatIsRefusedCostsItsPageAndNothingElse(PlatformKind platform) throws Exception {
        long page = platform == PSERIES_SVM ? LARGE_PAGE : SMALL_PAGE;
        Set<Ending> endings = EnumSet.noneOf(Ending.class);
        int conversion = 1;
        while (true) {
            SharingRun run = SharingRun.on(platform, new FailConversionAt(conversion));
            String where = "conversion %d: %s; %s".formatted(conversion, run, Seed.words());
            assertEquals(List.of(), run.withinReach(), where);
            assertEquals(List.of(), run.problems(), where);
            assertEquals(List.of(), run.guestErrors(), where);
            assertTrue(run.leftSharedBytes() <= page, where);
            endings.add(run.ending());
            if (run.ending() == Ending.SERVED && run.lostBytes() == 0) {
                break;
            }
            if (run.ending() != Ending.NO_GUEST) {
                assertEquals(page, run.lostBytes(), where);
            }
            assertTrue(++conversion < MOST_CONVERSIONS, where);
        }
        // Refusals of the pool, of a ring, and of taking pages back.
        assertEquals(EnumSet.of(Ending.NO_GUEST, Ending.NO_DISK, Ending.SERVED), endings);
        assertTrue(conversion > 5, conversion + " conversions");
    }

    @ParameterizedTest
    @EnumSource(
            value = PlatformKind.class,
            names = {"SEV_SNP", "TDX"})
    @Immunity(36)
    void aConversionThatIsOnlyPretendedIsNoticedAndLeaksNothing(PlatformKind platform) throws Exception {
        int noticed = 0;
        for (int conversion = 1; conversion < MOST_CONVERSIONS; conversion++) {
            SharingRun run = SharingRun.on(platform, new PretendConversionAt(conversion));
            String where = "conversion %d: %s; %s".formatted(conversion, run, Seed.words());
            assertEquals(List.of(), run.withinReach(), where);
            assertEquals(List.of(), run.problems(), where);
            boolean flawless =
                    run.ending() == Ending.SERVED && run.guestErrors().isEmpty();
            if (flawless && run.leftSharedBytes() == 0) {
                break;
            }
            assertFalse(flawless, where);
            noticed++;
        }
        assertTrue(noticed > 5 && noticed < MOST_CONVERSIONS - 1, noticed + " conversions");
    }

    /** Behind a paravisor the guest has no page to validate, and so no way to notice: the platform must see to it that nothing is seen. */
    @Test
    @Immunity(36)
    void aPageThatTheHostOnlyPretendsToGiveBackShowsDevicesNothingOfAGuestBehindAParavisor() throws Exception {
        int kept = 0;
        for (int conversion = 1; conversion < MOST_CONVERSIONS; conversion++) {
            SharingRun run = SharingRun.on(HYPERV_VTOM, new PretendConversionAt(conversion));
            String where = "conversion %d: %s; %s".formatted(conversion, run, Seed.words());
            assertEquals(List.of(), run.problems(), where);
            boolean flawless =
                    run.ending() == Ending.SERVED && run.guestErrors().isEmpty();
            if (flawless && run.leftSharedBytes() == 0) {
                break;
            }
            kept += run.withinReach().size();
        }
        assertTrue(kept > 0 && kept < MOST_CONVERSIONS - 1, kept + " pages kept");
    }

    @Test
    @Immunity(36)
    void anAnswerThatIsNoneCostsItsPage() throws Exception {
        int conversion = 1;
        while (true) {
            SharingRun run = SharingRun.on(SEV_SNP, new GarblePageStateAnswer(conversion));
            String where = "conversion %d: %s; %s".formatted(conversion, run, Seed.words());
            assertEquals(List.of(), run.withinReach(), where);
            assertEquals(List.of(), run.problems(), where);
            assertTrue(run.leftSharedBytes() <= SMALL_PAGE, where);
            if (run.ending() == Ending.SERVED && run.lostBytes() == 0) {
                break;
            }
            assertTrue(++conversion < MOST_CONVERSIONS, where);
        }
        assertTrue(conversion > 5, conversion + " conversions");
    }

    @Test
    void aMapGpaThatIsToBeContinuedIsContinued() throws Exception {
        for (int call = 1; call <= 8; call++) {
            assertFlawless(SharingRun.on(TDX, new RetryMapGpa(call)));
        }
        assertFlawless(SharingRun.on(TDX, new RetryMapGpa(1), new RetryMapGpa(2), new RetryMapGpa(3)));
    }

    @Test
    void aMapGpaWithoutProgressIsTriedAgainButNotForEver() throws Exception {
        assertFlawless(SharingRun.on(TDX, new MisleadMapGpa(1, 0), new MisleadMapGpa(2, 0)));
        MisleadMapGpa[] always = new MisleadMapGpa[64];
        for (int i = 0; i < always.length; i++) {
            always[i] = new MisleadMapGpa(i + 1, 0);
        }
        SharingRun run = SharingRun.on(TDX, always);
        assertEquals(List.of(), run.problems(), run.toString());
        assertEquals(Ending.NO_GUEST, run.ending(), run.toString());
    }

    @ParameterizedTest
    @ValueSource(longs = {-4096, 1, 4097, 65536, 1L << 40, Long.MIN_VALUE})
    void aMapGpaThatContinuesElsewhereIsRefused(long offset) throws Exception {
        for (int call = 1; call <= 6; call++) {
            SharingRun run = SharingRun.on(TDX, new MisleadMapGpa(call, offset));
            String where = "call %d: %s; %s".formatted(call, run, Seed.words());
            assertEquals(List.of(), run.withinReach(), where);
            assertEquals(List.of(), run.problems(), where);
            assertEquals(List.of(), run.guestErrors(), where);
            assertTrue(run.ending() != Ending.SERVED || run.lostBytes() > 0, where);
            assertNotEquals(Ending.WRONG_DATA, run.ending(), where);
        }
    }

    private static void assertFlawless(SharingRun run) {
        assertEquals(new SharingRun(Ending.SERVED, 0, 0, List.of(), List.of(), List.of()), run);
    }
}
