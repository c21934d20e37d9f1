package dev.postern.lab;

import static dev.postern.lab.HostileRing.VICTIM;
import static dev.postern.lab.Misbehaving.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.mischief.ChangeUsedAfter;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.HangAt;
import dev.postern.emulated.mischief.InterruptStorm;
import dev.postern.emulated.mischief.NameFreeId;
import dev.postern.emulated.mischief.OverstateUsedLength;
import dev.postern.emulated.mischief.RepeatUsed;
import dev.postern.emulated.mischief.ReuseUsedId;
import dev.postern.emulated.mischief.RewriteDescriptors;
import dev.postern.emulated.mischief.RewriteIndirectTable;
import dev.postern.emulated.mischief.ShiftUsedId;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.rng.RngDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rows of the immunity table that are about rings and lengths, each with a device that does to this guest what was done to
 * another, in both formats. Rows about devices that are not driven here are tried in the shape of their bug on those that are: a disk,
 * whose requests have a header, data and a status, and a source of entropy, which has one buffer and trusts nothing but its length.
 */
@Timeout(120)
class HostileRowsTest {

    /** Where nothing is outstanding no length fits but this one: with it the id alone is wrong. */
    private static final DeviceMischief NOTHING_WRITTEN = new TamperUsedLength(VICTIM, 0);

    static Stream<RingKind> rings() {
        return HostileRing.rings();
    }

    static Stream<RingKind> split() {
        return HostileRing.of(RingKind.Format.SPLIT);
    }

    static Stream<RingKind> splitDirect() {
        return split().filter(ring -> !ring.indirect());
    }

    // ---- lengths

    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(1)
    void row1ALengthBeyondTheBufferIsNotBelieved(RingKind ring) throws Exception {
        HostileRing.wronged(ring, new OverstateUsedLength(VICTIM, 1)).assertMended(1);
        HostileRing.wronged(ring, new TamperUsedLength(VICTIM, -1)).assertMended(1);
    }

    /** A network device has several ways to receive, each with its own use of the length; a disk has several kinds of request. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(2)
    void row2ALengthIsCheckedForEveryKindOfRequest(RingKind ring) throws Exception {
        DeviceMischief[] acts = {
            new OverstateUsedLength(1, 1),
            new OverstateUsedLength(3, 1),
            new OverstateUsedLength(5, 1),
            new OverstateUsedLength(7, 1)
        };
        try (Trial trial = HostileRing.disk(ring, acts)) {
            BlkDevice disk = trial.disk(0);
            byte[] content = Misbehaving.content();
            HostileRing.assertReads(trial, content, 0);
            assertEquals(1, disk.recoveries());
            PhysRange buffer = trial.buffer(SECTOR);
            disk.write(1, buffer.basePa(), SECTOR);
            assertEquals(2, disk.recoveries());
            disk.flush();
            assertEquals(3, disk.recoveries());
            disk.id();
            assertEquals(4, disk.recoveries());
            trial.giveBack(buffer);
        }
    }

    /** The first of several buffers is honest, and the bug was in those behind it. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(3)
    void row3TheLengthOfALaterBufferIsCheckedLikeThatOfTheFirst(RingKind ring) throws Exception {
        for (int later = 1; later < HostileRing.BURST; later++) {
            HostileRing.wronged(ring, new OverstateUsedLength(HostileRing.BEFORE + 1 + later, 1))
                    .assertMended(1);
        }
    }

    /** The bound was off by the header that the first buffer has; a disk's header is 16 bytes that the device reads. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(4)
    void row4AHeaderThatTheDeviceReadsIsNoRoomForItToWriteTo(RingKind ring) throws Exception {
        for (int by : new int[] {1, 15, 16}) {
            HostileRing.wronged(ring, new OverstateUsedLength(VICTIM, by)).assertMended(1);
        }
    }

    /** The bound was that of the largest buffer there can be and not of the one that was posted. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(5)
    void row5TheBoundIsTheBufferThatWasPostedAndNotALargerOneBefore(RingKind ring) throws Exception {
        byte[] content = Misbehaving.content();
        try (Trial trial = HostileRing.disk(ring, new TamperUsedLength(9, 4096))) {
            for (int i = 0; i < 8; i++) {
                assertArrayEquals(
                        Arrays.copyOfRange(content, i * 4096, (i + 1) * 4096), Misbehaving.read(trial, 8L * i, 8));
            }
            HostileRing.assertReads(trial, content, 3);
            assertEquals(1, trial.disk(0).recoveries());
        }
    }

    /** The bound was 20 bytes too loose: what is right is right to the byte, for any length. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(6)
    void row6TheBoundIsExactForAnyLength(RingKind ring) throws Exception {
        SplittableRandom random = new SplittableRandom(Seed.value());
        byte[] content = Misbehaving.content();
        List<DeviceMischief> acts = new ArrayList<>();
        int lies = 30;
        for (int lie = 0; lie < lies; lie++) {
            // Of three requests one is told right, one with too much, and one is that once more.
            acts.add(new OverstateUsedLength(3L * lie + 1, 0));
            acts.add(new OverstateUsedLength(3L * lie + 2, 1 + random.nextInt(24)));
        }
        try (Trial trial = HostileRing.disk(ring, acts.toArray(DeviceMischief[]::new))) {
            for (int lie = 0; lie < lies; lie++) {
                for (int turn = 0; turn < 2; turn++) {
                    int sectors = 1 + random.nextInt(16);
                    int at = random.nextInt(Misbehaving.SECTORS - sectors);
                    assertArrayEquals(
                            Arrays.copyOfRange(content, at * SECTOR, (at + sectors) * SECTOR),
                            Misbehaving.read(trial, at, sectors),
                            Seed.words());
                    assertEquals(lie + turn, trial.disk(0).recoveries(), Seed.words());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(7)
    void row7RandomBytesBeyondWhatWasPostedAreNotHandedOut(RingKind ring) throws Exception {
        for (int length : new int[] {65, 4096, Integer.MAX_VALUE, -1}) {
            assertRandomBytesAreRefused(ring, 64, length);
        }
    }

    /** The device says it whenever it is asked again; then it is honest. */
    private static void assertRandomBytesAreRefused(RingKind ring, int wanted, int length) throws Exception {
        DeviceMischief[] acts = new DeviceMischief[RngDevice.ATTEMPTS];
        for (int i = 0; i < acts.length; i++) {
            acts[i] = new TamperUsedLength(2 + i, length);
        }
        try (Trial trial = HostileRing.rng(ring, acts)) {
            RngDevice rng = trial.guest().rngs().getFirst();
            rng.fill(new byte[wanted]);
            assertThrows(DeviceBrokenException.class, () -> rng.fill(new byte[wanted]), "length " + length);
            rng.fill(new byte[wanted]);
        }
    }

    /** A length inside the message was trusted over that of the buffer. Inside a disk's answer it is the status that says all is there. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(8)
    void row8AStatusThatSaysAllIsThereIsNotBelievedOverTheLength(RingKind ring) throws Exception {
        for (int length : new int[] {1, SECTOR}) {
            HostileRing.Burst burst = HostileRing.wronged(ring, new TamperUsedLength(VICTIM, length));
            assertEquals(1, burst.failures().size(), "length " + length);
            assertInstanceOf(DeviceBrokenException.class, burst.failures().getFirst());
            assertEquals(0, burst.recoveries(), "the ring is whole");
        }
    }

    /** Between what was posted and the end of its page lies room that nobody wrote. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(9)
    void row9NeitherNothingNorTheRoomBehindTheBufferIsTakenForContent(RingKind ring) throws Exception {
        for (int length : new int[] {9, 16, 100, 4095}) {
            assertRandomBytesAreRefused(ring, 8, length);
        }
        HostileRing.Burst nothing = HostileRing.wronged(ring, new TamperUsedLength(VICTIM, 0));
        assertEquals(1, nothing.failures().size());
    }

    /** A payload shorter than the header of its kind. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(10)
    void row10AnAnswerOfOneByteIsWholeOnlyWhereOneByteWasAskedFor(RingKind ring) throws Exception {
        DeviceMischief[] acts = {
            new TamperUsedLength(1, 1),
            new TamperUsedLength(2, 1),
            new TamperUsedLength(3, 1),
            new TamperUsedLength(4, 1)
        };
        try (Trial trial = HostileRing.disk(ring, acts)) {
            BlkDevice disk = trial.disk(0);
            assertThrows(DeviceBrokenException.class, () -> Misbehaving.read(trial, 0, 1));
            PhysRange buffer = trial.buffer(SECTOR);
            disk.write(0, buffer.basePa(), SECTOR);
            disk.flush();
            // A name may be shorter than its buffer; of this one nothing was written.
            disk.id();
            assertEquals(0, disk.recoveries());
            trial.giveBack(buffer);
        }
        try (Trial trial = HostileRing.rng(ring, new TamperUsedLength(1, 1))) {
            byte[] bytes = new byte[64];
            trial.guest().rngs().getFirst().fill(bytes);
            assertFalse(
                    Arrays.equals(bytes, 1, 64, new byte[63], 0, 63), "one byte came, the others were asked for again");
        }
    }

    /** Nothing that a device says ends in anything but an answer to the request that it was about. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(11)
    void row11NoLieEndsTheGuest(RingKind ring) throws Exception {
        SplittableRandom random = new SplittableRandom(Seed.value());
        byte[] content = Misbehaving.content();
        int lies = 60;
        List<DeviceMischief> acts = new ArrayList<>();
        for (int lie = 0; lie < lies; lie++) {
            long request = 5L * lie + 3;
            acts.add(
                    switch (random.nextInt(6)) {
                        case 0 -> new TamperUsedId(request, random.nextInt());
                        case 1 -> new TamperUsedId(request, random.nextInt(64));
                        case 2 -> new TamperUsedLength(request, random.nextInt());
                        case 3 -> new TamperUsedLength(request, random.nextInt(1024));
                        case 4 -> new ShiftUsedId(request, random.nextInt(-3, 4));
                        default -> new OverstateUsedLength(request, random.nextInt(-3, 4));
                    });
        }
        try (Trial trial = HostileRing.disk(ring, acts.toArray(DeviceMischief[]::new))) {
            long before = HostileRing.taken(trial);
            int failures = 0;
            for (int burst = 0; burst < lies; burst++) {
                failures += HostileRing.burst(trial, content).size();
            }
            assertTrue(trial.disk(0).recoveries() + failures > 10, "no lie was noticed; " + Seed.words());
            HostileRing.assertReads(trial, content, 1);
            HostileRing.assertNothingKept(trial, before);
        }
    }

    // ---- ids

    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(17)
    void row17AnIdBeyondTheQueueIsNotBelieved(RingKind ring) throws Exception {
        for (int id : new int[] {64, 255, 65535, -1}) {
            HostileRing.wronged(ring, new TamperUsedId(VICTIM, id)).assertMended(1);
        }
    }

    /** OSv took the buffer of whatever id there was, and wrote to its place. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(17)
    void osvAnIdUnderWhichNothingWasEverPostedIsNotBelieved(RingKind ring) throws Exception {
        HostileRing.wronged(ring, new NameFreeId(VICTIM)).assertMended(1);
        HostileRing.wronged(ring, new NameFreeId(VICTIM), NOTHING_WRITTEN).assertMended(1);
    }

    /** Zephyr gave a buffer back a second time. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(17)
    void zephyrAnIdThatWasAnsweredBeforeIsNotBelieved(RingKind ring) throws Exception {
        HostileRing.wronged(ring, new ReuseUsedId(VICTIM)).assertMended(1);
    }

    /** RT-Thread freed the descriptors of a chain twice. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(17)
    void rtThreadARequestThatIsAnsweredTwiceIsAnsweredOnce(RingKind ring) throws Exception {
        HostileRing.wronged(ring, new RepeatUsed(VICTIM)).assertMended(1);
    }

    /** Nanos called whatever lay behind its table of requests. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(17)
    void nanosAnIdJustBeyondTheQueueIsNotBelieved(RingKind ring) throws Exception {
        HostileRing.wronged(ring, new TamperUsedId(VICTIM, 64)).assertMended(1);
    }

    /** rcore took 0x10001 for 1. A packed ring has 16 bits for an id. */
    @ParameterizedTest
    @MethodSource("split")
    @Immunity(17)
    void rcoreAnIdIsComparedInAllItsBits(RingKind ring) throws Exception {
        for (int high : new int[] {1 << 16, 1 << 31}) {
            HostileRing.wronged(ring, new ShiftUsedId(VICTIM, high)).assertMended(1);
        }
    }

    /** An id in the middle of a chain is no chain. A packed ring has no such id, and a table hides its own. */
    @ParameterizedTest
    @MethodSource("splitDirect")
    @Immunity(17)
    void hermitADescriptorInTheMiddleOfAChainIsNoAnswer(RingKind ring) throws Exception {
        for (int by : new int[] {1, 2}) {
            HostileRing.wronged(ring, new ShiftUsedId(VICTIM, by)).assertMended(1);
            HostileRing.wronged(ring, new ShiftUsedId(VICTIM, by), NOTHING_WRITTEN)
                    .assertMended(1);
        }
    }

    /** Hermit, Unikraft and Nanos find the next descriptor where the device can write. */
    @ParameterizedTest
    @MethodSource("rings")
    void hermitAChainThatTheDeviceRewroteIsFreedAsItWas(RingKind ring) throws Exception {
        for (int next : new int[] {0, 63, 64, 0xffff}) {
            HostileRing.wronged(
                            ring, new RewriteDescriptors(VICTIM, 1, next), new RewriteIndirectTable(VICTIM, 1, next))
                    .assertMended(0);
        }
    }

    /** MigTD had to keep four fields of each descriptor for itself: a length out of the ring is the device's own bound. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(1)
    void migTdALengthIsNotComparedWithWhatTheDeviceWroteIntoTheDescriptor(RingKind ring) throws Exception {
        HostileRing.wronged(
                        ring,
                        new RewriteDescriptors(VICTIM, 2, 0),
                        new RewriteIndirectTable(VICTIM, 2, 0),
                        new OverstateUsedLength(VICTIM, 1000))
                .assertMended(1);
    }

    /** Whoever reads twice what the device wrote checks one value and uses another. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(17)
    void whatIsReadTwiceIsNotWhatWasChecked(RingKind ring) throws Exception {
        HostileRing.Burst burst = HostileRing.wronged(ring, new ChangeUsedAfter(VICTIM, 9999, -1, 2));
        // Seen in time it is right, seen late it is a lie like any other.
        assertEquals(List.of(), burst.failures());
        assertTrue(burst.recoveries() <= 1, "resets: " + burst.recoveries());
    }

    // ---- liveness

    /** A back-end that interrupts without end must not keep a guest from its deadline, nor from its work. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(23)
    void row23AStormOfInterruptsKeepsNobodyFromWork(RingKind ring) throws Exception {
        for (InterruptStorm.Source source : InterruptStorm.Source.values()) {
            HostileRing.wronged(ring, new InterruptStorm(VICTIM, Long.MAX_VALUE, source))
                    .assertMended(0);
        }
    }

    @ParameterizedTest
    @MethodSource("rings")
    @Immunity({21, 23})
    void row23AStormOfInterruptsDoesNotOutlastADeadline(RingKind ring) throws Exception {
        for (InterruptStorm.Source source : InterruptStorm.Source.values()) {
            HostileRing.Burst burst = HostileRing.wronged(
                    ring, new InterruptStorm(VICTIM - 1, Long.MAX_VALUE, source), new HangAt(VICTIM));
            assertTrue(burst.failures().stream().allMatch(RequestTimeoutException.class::isInstance), burst.toString());
            assertEquals(HostileRing.BURST - 2, burst.failures().size());
            assertEquals(1, burst.recoveries());
        }
    }

    // ---- what stays behind

    /** A request that finds the ring full is given up without keeping its piece of the pool. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(32)
    void row32ARequestThatFoundNoRoomKeepsNothing(RingKind ring) throws Exception {
        byte[] content = Misbehaving.content();
        for (int size : new int[] {4, 8}) {
            try (Trial trial =
                    HostileRing.disk(ring.ofSize(size).in(ring.setting().with(ContextKind.BOUNCED)))) {
                long before = HostileRing.taken(trial);
                for (int round = 0; round < 10; round++) {
                    HostileRing.assertNothingKept(trial, before);
                    HostileRing.assertReads(trial, content, round);
                }
                assertEquals(0, trial.disk(0).recoveries());
            }
            // The same when what was in the ring is lost with it.
            RingKind bounced = ring.ofSize(size).in(ring.setting().with(ContextKind.BOUNCED));
            try (Trial trial = HostileRing.disk(bounced, new TamperUsedId(5, -1), new TamperUsedId(20, -1))) {
                long before = HostileRing.taken(trial);
                for (int round = 0; round < 10; round++) {
                    HostileRing.assertNothingKept(trial, before);
                }
                assertEquals(2, trial.disk(0).recoveries());
            }
        }
    }

    /** Tables are taken once and come back, whatever happened to the requests in them; the ledger of the trial balances. */
    @ParameterizedTest
    @MethodSource("rings")
    @Immunity(33)
    void row33TablesAndMappingsComeBackAfterEveryKindOfEnd(RingKind ring) throws Exception {
        RingKind tables = new RingKind(
                ring.setting().with(ContextKind.BOUNCED), ring.format(), ring.eventIndices(), true, false, ring.size());
        long free = 0;
        try (Trial trial = HostileRing.disk(
                tables, new TamperUsedId(5, -1), new OverstateUsedLength(30, 1), new TamperUsedLength(50, 1))) {
            long before = HostileRing.taken(trial);
            List<VirtioException> failures = new ArrayList<>();
            for (int round = 0; round < 10; round++) {
                failures.addAll(HostileRing.burst(trial, Misbehaving.content()));
                long left = trial.guest().frames().freeBytes();
                assertTrue(round == 0 || left == free, "memory was taken for a request");
                free = left;
            }
            assertEquals(1, failures.size());
            assertEquals(2, trial.disk(0).recoveries());
            HostileRing.assertNothingKept(trial, before);
        }
    }
}
