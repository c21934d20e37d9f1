package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each check: the test that is to notice its absence is green with it and red without it. A check whose removal no test
 * notices is not tested.
 */
class SabotageTest {

    private static final String DEVICE = "dev.postern.virtio.device.VirtioDevice";
    private static final String RING = "dev.postern.virtio.queue.Virtqueue";
    private static final String REQUESTS = "dev.postern.virtio.blk.BlkQueue";
    private static final String DISK = "dev.postern.virtio.blk.BlkDevice";
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
            return className.substring(className.lastIndexOf('.') + 1) + "." + method;
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
                        "checkOutstanding",
                        Sabotage::skip,
                        RingAdversaryTest.class,
                        "aUsedIdThatWasAnsweredBeforeBreaksTheQueueAndNothingElse"),
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
                        "dev.postern.virtio.queue.SplitQueue",
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

    @Test
    void sabotageOfACheckThatDoesNotExistIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Sabotage.skip(RING, "checkNothing"));
        assertThrows(IllegalArgumentException.class, () -> Sabotage.skip("dev.postern.Nothing", "check"));
    }
}
