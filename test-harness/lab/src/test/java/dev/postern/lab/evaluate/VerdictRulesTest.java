package dev.postern.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is seen of a cell, and what it comes to. */
class VerdictRulesTest {

    private static final List<String> SEEN = List.of("seen");
    private static final List<String> NOTHING = List.of();
    private static final BringUp DRIVEN = new BringUp.Driven();

    private static Observation with(BringUp bringUp, MemoryPromise promise) {
        return new Observation(bringUp, promise, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING);
    }

    private static Judgement judged(Observation seen) {
        return Judgement.of(seen, VerdictRule.all());
    }

    private static void expect(Verdict verdict, String evidence, Observation seen) {
        assertEquals(new Judgement(verdict, Optional.empty(), List.of(evidence)), judged(seen));
    }

    @Test
    void aDeviceOfWhichNothingBadIsSeenWorks() {
        for (MemoryPromise promise : MemoryPromise.values()) {
            assertEquals(new Judgement(Verdict.WORKS, Optional.empty(), NOTHING), judged(with(DRIVEN, promise)));
        }
    }

    @Test
    void aCanaryThatTheDeviceReadIsALeakWhereMemoryIsToBeKept() {
        expect(
                Verdict.LEAKS,
                "leaks: seen",
                new Observation(
                        DRIVEN, MemoryPromise.KEPT, SEEN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING));
    }

    @Test
    void aCanaryThatTheDeviceReadIsNoLeakWhereAllMemoryIsOpen() {
        assertEquals(
                Verdict.WORKS,
                judged(new Observation(
                                DRIVEN, MemoryPromise.OPEN, SEEN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING))
                        .verdict());
    }

    @Test
    void aReadThatBringsOtherBytesIsCorruption() {
        expect(
                Verdict.CORRUPTS,
                "corrupts: seen",
                new Observation(
                        DRIVEN, MemoryPromise.OPEN, NOTHING, SEEN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING));
    }

    @Test
    void anImageWithOtherBytesIsCorruption() {
        expect(
                Verdict.CORRUPTS,
                "corrupts: seen",
                new Observation(
                        DRIVEN, MemoryPromise.OPEN, NOTHING, NOTHING, SEEN, NOTHING, NOTHING, NOTHING, NOTHING));
    }

    @Test
    void memoryThatChangedUnaskedIsCorruption() {
        expect(
                Verdict.CORRUPTS,
                "corrupts: seen",
                new Observation(
                        DRIVEN, MemoryPromise.OPEN, NOTHING, NOTHING, NOTHING, SEEN, NOTHING, NOTHING, NOTHING));
    }

    private static Observation open(MemoryPromise promise) {
        return new Observation(DRIVEN, promise, NOTHING, NOTHING, NOTHING, NOTHING, SEEN, NOTHING, NOTHING);
    }

    @Test
    void openMemoryThatTheGuestTakesForKeptIsUnprotectedAndNobodyToldIt() {
        assertEquals(
                new Judgement(Verdict.UNPROTECTED, Optional.of(Awareness.UNTOLD), List.of("unprotected: seen")),
                judged(open(MemoryPromise.KEPT)));
    }

    @Test
    void openMemoryOfAGuestThatKnowsIsUnprotectedAndItWasTold() {
        assertEquals(
                new Judgement(Verdict.UNPROTECTED, Optional.of(Awareness.TOLD), List.of("unprotected: seen")),
                judged(open(MemoryPromise.OPEN_THOUGH_GUARDED)));
    }

    @Test
    void openMemoryIsAsItShouldBeWhereNothingGuardsIt() {
        assertEquals(Verdict.WORKS, judged(open(MemoryPromise.OPEN)).verdict());
    }

    @Test
    void aRequestThatIsNotDoneIsAFailure() {
        expect(
                Verdict.FAILS,
                "fails: seen",
                new Observation(
                        DRIVEN, MemoryPromise.OPEN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, SEEN, NOTHING));
    }

    @Test
    void aShutdownThatDoesNotEndIsAFailure() {
        expect(
                Verdict.FAILS,
                "fails: seen",
                new Observation(
                        DRIVEN, MemoryPromise.OPEN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, SEEN));
    }

    @Test
    void aGuestThatDoesNotComeUpIsAFailure() {
        expect(Verdict.FAILS, "fails: seen", with(new BringUp.NoGuest("seen"), MemoryPromise.OPEN));
    }

    @Test
    void aDeviceThatBreaksOnTheWayUpIsAFailure() {
        expect(Verdict.FAILS, "fails: seen", with(new BringUp.NotStarted("seen"), MemoryPromise.OPEN));
    }

    @Test
    void aDeviceThatIsLeftAloneIsRefused() {
        expect(Verdict.REFUSED, "refused: seen", with(new BringUp.Declined("seen"), MemoryPromise.OPEN));
    }

    @Test
    void aPlanThatNothingCarriesOutIsARefusal() {
        expect(Verdict.REFUSED, "refused: seen", with(new BringUp.PlanWithoutBackend("seen"), MemoryPromise.OPEN));
    }

    @Test
    void theWorstVerdictCountsAndTheEvidenceOfAllStays() {
        Observation all = new Observation(
                new BringUp.NotStarted("broke"),
                MemoryPromise.KEPT,
                List.of("read"),
                NOTHING,
                List.of("image"),
                NOTHING,
                List.of("open"),
                List.of("late"),
                NOTHING);
        assertEquals(
                new Judgement(
                        Verdict.LEAKS,
                        Optional.empty(),
                        List.of("leaks: read", "corrupts: image", "unprotected: open", "fails: broke", "fails: late")),
                judged(all));
    }

    @Test
    void ofManyLinesThatSayTheSameAFewStay() {
        List<String> many = List.of("1", "2", "3", "4", "5", "6");
        assertEquals(
                List.of("fails: 1", "fails: 2", "fails: 3", "fails: 4", "fails: and 2 more such"),
                judged(new Observation(
                                DRIVEN, MemoryPromise.OPEN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, many, NOTHING))
                        .evidence());
    }
}
