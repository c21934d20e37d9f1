package dev.postern.lab;

import static dev.postern.lab.HostileRing.VICTIM;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.GarbleNotificationWishes;
import dev.postern.emulated.mischief.JumpUsedIndexAt;
import dev.postern.emulated.mischief.MiscountBatch;
import dev.postern.emulated.mischief.MisplaceUsed;
import dev.postern.emulated.mischief.NameBeyondBatch;
import dev.postern.emulated.mischief.NameFirstOfBatch;
import dev.postern.emulated.mischief.PickUpUnannounced;
import dev.postern.emulated.mischief.WrongWrapCounter;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A device that says where it is in a ring, or what it wants to hear of, otherwise than it is, with and without IN_ORDER. */
@Timeout(120)
class OrderedRingTest {

    static Stream<RingKind> ordered() {
        return HostileRing.rings().map(RingKind::ordered);
    }

    static Stream<RingKind> orderedSplit() {
        return HostileRing.of(RingKind.Format.SPLIT).map(RingKind::ordered);
    }

    static Stream<RingKind> both() {
        return Stream.concat(HostileRing.rings(), ordered());
    }

    static Stream<RingKind> split() {
        return Stream.concat(HostileRing.of(RingKind.Format.SPLIT), orderedSplit());
    }

    static Stream<RingKind> packed() {
        return HostileRing.of(RingKind.Format.PACKED).flatMap(ring -> Stream.of(ring, ring.ordered()));
    }

    @ParameterizedTest
    @MethodSource("both")
    void anHonestDeviceIsNotSuspected(RingKind ring) throws Exception {
        HostileRing.wronged(ring).assertMended(0);
    }

    /** The index counts one request and the element is about two. */
    @ParameterizedTest
    @MethodSource("orderedSplit")
    void anOrderedDeviceThatUsesMoreThanItCountsIsNotBelieved(RingKind ring) throws Exception {
        HostileRing.wronged(ring, new NameBeyondBatch(VICTIM)).assertMended(1);
    }

    /** In a packed ring nothing is counted; a request that was not served says so itself. */
    @ParameterizedTest
    @MethodSource("both")
    void aRequestThatWasNotServedIsNoSuccess(RingKind ring) throws Exception {
        assertAnswered(ring, new NameBeyondBatch(VICTIM));
    }

    @ParameterizedTest
    @MethodSource("ordered")
    void aBatchThatIsNamedByItsFirstRequestIsNotTakenForWhole(RingKind ring) throws Exception {
        assertAnswered(ring, new NameFirstOfBatch(VICTIM));
    }

    @ParameterizedTest
    @MethodSource("both")
    void aDeviceThatSkipsMoreOrLessThanItUsedIsFoundOut(RingKind ring) throws Exception {
        for (int by : new int[] {-1, 1, 2}) {
            assertAnswered(ring, new MiscountBatch(VICTIM, by));
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void aUsedElementInAnotherPlaceIsNotFound(RingKind ring) throws Exception {
        for (int by : new int[] {1, 7}) {
            assertAnswered(ring, new MisplaceUsed(VICTIM, by));
        }
    }

    @ParameterizedTest
    @MethodSource("split")
    void anIndexThatJumpsIsNotBelieved(RingKind ring) throws Exception {
        for (int by : new int[] {9, 63, 0x8000, 65535}) {
            HostileRing.wronged(ring, new JumpUsedIndexAt(VICTIM, by)).assertMended(1);
        }
    }

    @ParameterizedTest
    @MethodSource("packed")
    void flagsThatAreTurnedWithoutAnAnswerAreNoAnswer(RingKind ring) throws Exception {
        for (int by : new int[] {1, 2, 63}) {
            assertAnswered(ring, new JumpUsedIndexAt(VICTIM, by));
        }
    }

    @ParameterizedTest
    @MethodSource("packed")
    void aUsedDescriptorOfAnotherRoundIsNotSeen(RingKind ring) throws Exception {
        assertAnswered(ring, new WrongWrapCounter(VICTIM));
    }

    /** A wish is a wish: whatever it says, a device that looks for itself is served, and the guest reads no further than it should. */
    @ParameterizedTest
    @MethodSource("both")
    void anyWishForNotificationsIsServed(RingKind ring) throws Exception {
        for (int flags : new int[] {0, 1, 2, 3, 0xffff}) {
            for (int event : new int[] {0, 0x7fff, 0x8000, 0xffff}) {
                HostileRing.wronged(ring, new GarbleNotificationWishes(flags, event), new PickUpUnannounced())
                        .assertMended(0);
            }
        }
    }

    /** Every request is answered: with its data, or with the reason why not; and the device is reset at most once for it. */
    private static void assertAnswered(RingKind ring, DeviceMischief act) throws Exception {
        HostileRing.Burst burst = HostileRing.wronged(ring, act);
        List<VirtioException> failures = burst.failures();
        assertTrue(
                failures.stream()
                        .allMatch(failure ->
                                failure instanceof RequestTimeoutException || failure instanceof DeviceBrokenException),
                () -> act + ": " + failures);
        assertTrue(burst.recoveries() <= 1, () -> act + ": " + burst);
    }
}
