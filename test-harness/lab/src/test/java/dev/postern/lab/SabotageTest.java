package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * For each check: the test that is to notice its absence is green with it and red without it. A check whose removal no test
 * notices is not tested.
 */
class SabotageTest {

    private static final String DEVICE = "dev.postern.virtio.device.VirtioDevice";
    private static final String RING = "dev.postern.virtio.queue.Virtqueue";
    private static final String REQUESTS = "dev.postern.virtio.blk.BlkQueue";
    private static final String DISK = "dev.postern.virtio.blk.BlkDevice";
    private static final String SPLIT = "dev.postern.virtio.queue.SplitQueue";
    private static final String LIMITS = "dev.postern.virtio.blk.RangeLimits";
    private static final String TRANSPORT = "dev.postern.virtio.transport.pci.PciTransport";
    private static final String REGISTERS = "dev.postern.virtio.transport.pci.CommonConfiguration";
    private static final String DESCRIPTOR = "dev.postern.virtio.queue.Descriptor";
    private static final String TABLES = "dev.postern.virtio.queue.IndirectTables";
    private static final String BOUNCE = "dev.postern.dma.backend.BouncedContext";

    /**
     * One check and the test that shows it.
     *
     * @param className where the check is
     * @param method the check
     * @param removal how it is removed
     * @param testClass where its test is
     * @param test the test
     */
    record Case(
            String className,
            String method,
            BiFunction<String, String, Sabotage> removal,
            Class<?> testClass,
            String test) {
        @Override
        public String toString() {
            return "%s.%s, %s".formatted(className.substring(className.lastIndexOf('.') + 1), method, test);
        }
    }

    static Stream<Case> checks() {
        return Stream.of(
                new Case(
                        DEVICE,
                        "featuresHeld",
                        Sabotage::answerYes,
                        BringUpAdversaryTest.class,
                        "aDeviceThatTakesFeaturesOkBackIsNotDriven"),
                new Case(
                        RING,
                        "checkUsedId",
                        Sabotage::skip,
                        RingAdversaryTest.class,
                        "aUsedIdBeyondTheQueueBreaksTheQueueAndNothingElse"),
                new Case(
                        RING,
                        "checkUsedId",
                        Sabotage::narrow,
                        RingAdversaryTest.class,
                        "aUsedIdIsComparedInAllItsBits"),
                new Case(
                        RING,
                        "checkUsedLength",
                        Sabotage::skip,
                        RingAdversaryTest.class,
                        "aUsedLengthBeyondWhatWasPostedBreaksTheQueueAndNothingElse"),
                new Case(
                        RING,
                        "checkUsedLength",
                        Sabotage::skip,
                        RingAdversaryTest.class,
                        "randomBytesBeyondWhatWasPostedAreNeverHandedOut"),
                new Case(
                        SPLIT,
                        "checkUsedAdvance",
                        Sabotage::skip,
                        RingAdversaryTest.class,
                        "anIndexThatJumpsBreaksTheQueueAndNothingElse"),
                new Case(
                        RING,
                        "checkOutstanding",
                        Sabotage::skip,
                        RingClausesTest.class,
                        "aDeviceThatUsesAPackedChainThatItHasNotIsStopped"),
                new Case(
                        RING,
                        "checkUsedLength",
                        Sabotage::skip,
                        RingClausesTest.class,
                        "aDeviceThatWritesMoreIntoAPackedChainThanItHoldsIsStopped"),
                new Case(
                        REQUESTS,
                        "checkAnswerLength",
                        Sabotage::skip,
                        RingAdversaryTest.class,
                        "aSuccessThatFilledTooLittleIsNone"),
                new Case(
                        REQUESTS,
                        "unmapData",
                        Sabotage::skip,
                        DiskReadingTest.class,
                        "aRequestPastTheEndIsRefusedBeforeTheDeviceSeesIt"),
                new Case(
                        DISK,
                        "checkOnDisk",
                        Sabotage::skip,
                        DiskRangesTest.class,
                        "aRangeBeyondTheDiskIsRefusedBeforeTheDeviceSeesIt"),
                new Case(
                        LIMITS,
                        "allowsAny",
                        Sabotage::answerYes,
                        QueueRegistersTest.class,
                        "row12AFieldOfTheConfigurationMaySayAnything"),
                new Case(
                        REGISTERS,
                        "queueResetDone",
                        Sabotage::answerYes,
                        QueueRegistersTest.class,
                        "aSlowResetOfAQueueIsWaitedFor"),
                new Case(
                        DEVICE,
                        "checkSizeNow",
                        Sabotage::skip,
                        QueueRegistersTest.class,
                        "aQueueThatShrinksWithAResetIsNotGivenBack"),
                new Case(
                        TRANSPORT,
                        "checkNotificationInside",
                        Sabotage::skip,
                        QueueRegistersTest.class,
                        "aNotificationOutsideItsStructureIsRefused"),
                new Case(
                        TRANSPORT,
                        "checkNotificationAligned",
                        Sabotage::skip,
                        QueueRegistersTest.class,
                        "aNotificationThatIsNotAlignedIsRefused"),
                new Case(
                        DESCRIPTOR,
                        "passed",
                        Sabotage::answerYes,
                        RingClausesTest.class,
                        "withEventIdxTheNamedIndexDecidesAndFlagsAreNeitherSetNorLookedAt"),
                new Case(
                        DESCRIPTOR,
                        "passed",
                        Sabotage::skip,
                        RingClausesTest.class,
                        "withEventIdxTheNamedIndexDecidesAndFlagsAreNeitherSetNorLookedAt"),
                new Case(
                        DESCRIPTOR,
                        "passed",
                        Sabotage::answerYes,
                        RingClausesTest.class,
                        "withEventIdxTheNamedPlaceOfAPackedRingDecides"),
                new Case(
                        DESCRIPTOR,
                        "passed",
                        Sabotage::skip,
                        RingClausesTest.class,
                        "withEventIdxTheNamedPlaceOfAPackedRingDecides"),
                new Case(
                        DISK,
                        "checkOnDisk",
                        Sabotage::skip,
                        DiskReadingTest.class,
                        "aRequestPastTheEndIsRefusedBeforeTheDeviceSeesIt"),
                new Case(
                        BOUNCE,
                        "zero",
                        Sabotage::skip,
                        LyingDiskTest.class,
                        "row28AFullLengthWithNothingWrittenShowsNothingOfThePool"),
                new Case(
                        BOUNCE,
                        "zero",
                        Sabotage::skip,
                        BounceRulesTest.class,
                        "row28WhatADeviceGetsToWriteToIsEmptyOrTheBufferItself"),
                new Case(
                        BOUNCE,
                        "copyIn",
                        Sabotage::skip,
                        BounceRulesTest.class,
                        "row35WhatADeviceGetsToReadIsTheBufferAndNoByteMore"),
                new Case(
                        BOUNCE,
                        "copyBack",
                        Sabotage::skip,
                        BounceRulesTest.class,
                        "row28OnlyWhatADeviceWroteComesBack"),
                new Case(
                        BOUNCE,
                        "clamped",
                        Sabotage::believe,
                        BounceRulesTest.class,
                        "row28AReportBeyondTheMappingIsCutOrRefused"));
    }

    @ParameterizedTest
    @MethodSource("checks")
    @Immunity({1, 2, 6, 7, 9, 17, 28, 35})
    void withoutTheCheckItsTestIsRed(Case one) {
        InnerRun sabotaged;
        try (Sabotage removed = one.removal().apply(one.className(), one.method())) {
            assertNotNull(removed);
            sabotaged = InnerRun.untilOneFails(one.testClass(), one.test());
        }
        assertNotEquals(0, sabotaged.failures().size(), "nobody noticed that the check was removed");
        InnerRun honest = InnerRun.of(one.testClass(), one.test());
        assertEquals(List.of(), honest.failures(), "the test is red with the check, or the check is not back");
        assertTrue(honest.succeeded() > 0, "nothing ran");
    }

    static Stream<Case> ringChecks() {
        return Stream.of(
                length("row1ALengthBeyondTheBufferIsNotBelieved"),
                length("row2ALengthIsCheckedForEveryKindOfRequest"),
                length("row3TheLengthOfALaterBufferIsCheckedLikeThatOfTheFirst"),
                length("row4AHeaderThatTheDeviceReadsIsNoRoomForItToWriteTo"),
                length("row5TheBoundIsTheBufferThatWasPostedAndNotALargerOneBefore"),
                length("row6TheBoundIsExactForAnyLength"),
                length("row7RandomBytesBeyondWhatWasPostedAreNotHandedOut"),
                length("row9NeitherNothingNorTheRoomBehindTheBufferIsTakenForContent"),
                length("migTdALengthIsNotComparedWithWhatTheDeviceWroteIntoTheDescriptor"),
                row(
                        REQUESTS,
                        "checkAnswerLength",
                        Sabotage::skip,
                        "row8AStatusThatSaysAllIsThereIsNotBelievedOverTheLength"),
                row(
                        REQUESTS,
                        "checkAnswerLength",
                        Sabotage::skip,
                        "row10AnAnswerOfOneByteIsWholeOnlyWhereOneByteWasAskedFor"),
                row(RING, "checkUsedId", Sabotage::skip, "row11NoLieEndsTheGuest"),
                row(RING, "checkUsedId", Sabotage::skip, "row17AnIdBeyondTheQueueIsNotBelieved"),
                row(RING, "checkUsedId", Sabotage::skip, "nanosAnIdJustBeyondTheQueueIsNotBelieved"),
                row(RING, "checkUsedId", Sabotage::narrow, "rcoreAnIdIsComparedInAllItsBits"),
                row(RING, "checkOutstanding", Sabotage::skip, "osvAnIdUnderWhichNothingWasEverPostedIsNotBelieved"),
                row(RING, "checkOutstanding", Sabotage::skip, "hermitADescriptorInTheMiddleOfAChainIsNoAnswer"),
                row(REQUESTS, "unmapData", Sabotage::skip, "row32ARequestThatFoundNoRoomKeepsNothing"),
                row(TABLES, "close", Sabotage::skip, "row33TablesAndMappingsComeBackAfterEveryKindOfEnd"),
                new Case(
                        SPLIT,
                        "checkBatch",
                        Sabotage::skip,
                        OrderedRingTest.class,
                        "anOrderedDeviceThatUsesMoreThanItCountsIsNotBelieved"));
    }

    private static Case length(String test) {
        return row(RING, "checkUsedLength", Sabotage::skip, test);
    }

    private static Case row(
            String className, String method, BiFunction<String, String, Sabotage> removal, String test) {
        return new Case(className, method, removal, HostileRowsTest.class, test);
    }

    /** Each kind of ring needs the check: one that is green without it is as bad as all. */
    @ParameterizedTest
    @MethodSource("ringChecks")
    @Immunity({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 17, 32, 33})
    void withoutTheCheckItsTestIsRedForEveryKindOfRing(Case one) {
        InnerRun sabotaged;
        try (Sabotage removed = one.removal().apply(one.className(), one.method())) {
            assertNotNull(removed);
            sabotaged = InnerRun.of(one.testClass(), one.test());
        }
        assertNotEquals(0, sabotaged.failures().size(), "nobody noticed that the check was removed");
        assertEquals(0, sabotaged.succeeded(), "some kind of ring does not notice that the check was removed");
        InnerRun honest = InnerRun.of(one.testClass(), one.test());
        assertEquals(List.of(), honest.failures(), "the test is red with the check, or the check is not back");
        assertEquals(sabotaged.failures().size(), honest.succeeded());
    }

    /**
     * What is out no more has no room for an answer either, and an answer too many is one too many by the index of a split ring: it is
     * taken only without all of these checks.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "zephyrAnIdThatWasAnsweredBeforeIsNotBelieved",
                "rtThreadARequestThatIsAnsweredTwiceIsAnsweredOnce"
            })
    @Immunity(17)
    void withoutAnyCheckOfAnAnswerTheTestIsRedForEveryKindOfRing(String test) {
        InnerRun sabotaged;
        try (Sabotage outstanding = Sabotage.skip(RING, "checkOutstanding");
                Sabotage length = Sabotage.skip(RING, "checkUsedLength");
                Sabotage advance = Sabotage.skip(SPLIT, "checkUsedAdvance")) {
            assertEquals(3, Set.of(outstanding, length, advance).size());
            sabotaged = InnerRun.of(HostileRowsTest.class, test);
        }
        assertNotEquals(0, sabotaged.failures().size(), "nobody noticed that the checks were removed");
        assertEquals(0, sabotaged.succeeded(), "some kind of ring does not notice that the checks were removed");
        assertEquals(List.of(), InnerRun.of(HostileRowsTest.class, test).failures());
    }

    @Test
    void sabotageOfACheckThatDoesNotExistIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Sabotage.skip(RING, "checkNothing"));
        assertThrows(IllegalArgumentException.class, () -> Sabotage.skip("dev.postern.Nothing", "check"));
    }
}
