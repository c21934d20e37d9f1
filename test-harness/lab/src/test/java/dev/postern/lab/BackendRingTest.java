package dev.postern.lab;

import static dev.postern.lab.SocketGuest.BURST;
import static dev.postern.lab.SocketGuest.SECTOR;
import static dev.postern.lab.SocketGuest.SECTORS;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.lab.backend.DataDeed;
import dev.postern.lab.backend.DeviceFeature;
import dev.postern.lab.backend.DiskMemory;
import dev.postern.lab.backend.Offer;
import dev.postern.lab.backend.ProtocolFeature;
import dev.postern.lab.backend.Script;
import dev.postern.lab.backend.ScriptedBackend;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.Allocation;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.SectorRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A disk behind a socket whose back-end offers everything, serves out of order, and does one thing wrong with one request. */
@Timeout(300)
class BackendRingTest {

    /** Requests one after the other before the burst, of which the third is wronged. */
    private static final int BEFORE = 10;

    private static final int VICTIM = BEFORE + 3;

    @TempDir
    Path folder;

    private final byte[] content = SocketGuest.content();
    private final DiskMemory disk = new DiskMemory(content);

    private ScriptedBackend open(Offer offer, Script script) throws IOException {
        return ScriptedBackend.listen(folder.resolve("socket"), disk, offer, script, Seed.value());
    }

    private static Offer split() {
        return Offer.of(SECTORS, 2);
    }

    private static Offer packed() {
        return split().with(DeviceFeature.RING_PACKED);
    }

    /** Every offer in every setting, where rings and interrupts differ. */
    static Stream<Arguments> offers() {
        return Stream.of(split(), packed())
                .flatMap(offer -> Stream.of(offer, offer.without(DeviceFeature.EVENT_IDX)))
                .flatMap(offer -> Stream.of(offer, offer.without(DeviceFeature.INDIRECT_DESC)))
                .flatMap(offer -> SocketGuest.settings().map(setting -> Arguments.of(setting, offer)));
    }

    @ParameterizedTest
    @MethodSource("offers")
    void aDiskIsReadAndWrittenRightOverEveryKindOfRing(Setting setting, Offer offer) throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(offer, Script.honest())) {
                try (Trial trial = SocketGuest.boot(setting, backend.path())) {
                    DeviceReport report = trial.guest().devices().getFirst();
                    assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
                    for (DeviceFeature feature : EnumSet.of(
                            DeviceFeature.EVENT_IDX, DeviceFeature.INDIRECT_DESC, DeviceFeature.RING_PACKED)) {
                        assertEquals(
                                offer.features().contains(feature),
                                report.accepted().has(feature.bit()),
                                feature + " of " + report);
                    }
                    exercise(trial);
                    assertEquals(0, trial.disk(0).recoveries());
                }
                SocketGuest.assertJudgedRight(backend);
                assertEquals(List.of(), backend.panics());
            }
        });
    }

    /** Everything that a disk can be asked, and enough of it for indices to go round. */
    private void exercise(Trial trial) throws VirtioException {
        BlkDevice driven = trial.disk(0);
        assertEquals(SECTORS, driven.sectors());
        assertEquals("scripted", driven.id());
        for (int round = 0; round < 40; round++) {
            assertEquals(List.of(), SocketGuest.burst(trial, content, round));
        }
        Random random = new Random(Seed.value());
        PhysRange buffer = trial.buffer(16 * SECTOR);
        MemorySegment bytes = trial.bytes(buffer);
        for (int turn = 0; turn < 20; turn++) {
            int sectors = random.nextInt(1, 17);
            int first = random.nextInt(SECTORS - sectors);
            byte[] fresh = new byte[sectors * SECTOR];
            random.nextBytes(fresh);
            MemorySegment.copy(fresh, 0, bytes, ValueLayout.JAVA_BYTE, 0, fresh.length);
            driven.write(first, buffer.basePa(), fresh.length);
            System.arraycopy(fresh, 0, content, first * SECTOR, fresh.length);
        }
        driven.flush();
        driven.discard(new SectorRange(8, 8));
        driven.writeZeroes(Allocation.KEEP, new SectorRange(64, 3));
        Arrays.fill(content, 8 * SECTOR, 16 * SECTOR, (byte) 0);
        Arrays.fill(content, 64 * SECTOR, 67 * SECTOR, (byte) 0);
        trial.giveBack(buffer);
        assertArrayEquals(content, disk.content(), Seed.words());
        SocketGuest.assertReads(trial, content, 0, SECTORS);
    }

    @ParameterizedTest
    @EnumSource(ProtocolFeature.class)
    void aBackEndWithoutAProtocolFeatureServesAllTheSame(ProtocolFeature feature) throws Exception {
        if (feature == ProtocolFeature.CONFIG) {
            // Without it there is no disk, which is another test's.
            return;
        }
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(split().without(feature), Script.honest())) {
                try (Trial trial = SocketGuest.boot(SocketGuest.BOUNCED, backend.path())) {
                    assertEquals(
                            feature == ProtocolFeature.MQ ? 1 : 2, trial.disk(0).queues());
                    exercise(trial);
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }

    /** What a guest notices by itself, and mends. */
    private static final Set<DataDeed> MENDED = EnumSet.of(
            DataDeed.ID_OUT_OF_RANGE,
            DataDeed.ID_NOT_OUT,
            DataDeed.LENGTH_TOO_LONG,
            DataDeed.LENGTH_ALL_ONES,
            DataDeed.INDEX_JUMP,
            DataDeed.USE_TWICE,
            DataDeed.HANG_UP_BEFORE,
            DataDeed.HANG_UP_APPLIED,
            DataDeed.HANG_UP_USED,
            DataDeed.TRIP_ERROR);

    static Stream<Arguments> wrongs() {
        return MENDED.stream()
                .flatMap(deed -> Stream.of(
                        Arguments.of(deed, SocketGuest.POLLED, split()),
                        Arguments.of(deed, SocketGuest.BOUNCED, split()),
                        Arguments.of(deed, SocketGuest.POLLED, packed()),
                        Arguments.of(deed, SocketGuest.BOUNCED, packed())))
                // An index is of a split ring alone.
                .filter(one -> one.get()[0] != DataDeed.INDEX_JUMP || one.get()[2].equals(split()));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("wrongs")
    void whatABackEndDoesWrongWithARequestIsMended(DataDeed deed, Setting setting, Offer offer) throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend =
                    open(offer.withQueues(1), Script.honest().atRequest(0, VICTIM, deed))) {
                try (Trial trial = SocketGuest.boot(setting, backend.path())) {
                    trial.disk(0).requestDeadline(SocketGuest.DEADLINE);
                    for (int sector = 0; sector < BEFORE; sector++) {
                        SocketGuest.assertReads(trial, content, sector, 1);
                    }
                    List<VirtioException> failures = SocketGuest.burst(trial, content, 100);
                    for (int sector = 0; sector < 4 * BURST; sector++) {
                        SocketGuest.assertReads(trial, content, sector, 1);
                    }
                    assertEquals(List.of(), failures, deed + "; " + backend.notes());
                    assertEquals(1, trial.disk(0).recoveries(), deed + "; " + backend.notes());
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }

    static Stream<Arguments> channelWrongs() {
        return Stream.of(
                        DataDeed.UNKNOWN_BACKEND_REQUEST,
                        DataDeed.OVERSIZED_BACKEND_REQUEST,
                        DataDeed.HALF_BACKEND_REQUEST,
                        DataDeed.DESCRIPTOR_ON_BACKEND_CHANNEL,
                        DataDeed.CLOSE_BACKEND_CHANNEL,
                        DataDeed.UNASKED_REPLY)
                .flatMap(deed -> SocketGuest.settings().map(setting -> Arguments.of(deed, setting)))
                // Half a message is waited for.
                .filter(one -> one.get()[0] != DataDeed.HALF_BACKEND_REQUEST || one.get()[1] == SocketGuest.BOUNCED);
    }

    /** It may ignore it or begin anew: requests are answered, and nothing is left open. */
    @ParameterizedTest
    @MethodSource("channelWrongs")
    void whatABackEndSaysUnaskedDoesNoHarm(DataDeed deed, Setting setting) throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(split(), Script.honest().atRequest(0, VICTIM, deed))) {
                try (Trial trial = SocketGuest.boot(setting, backend.path())) {
                    trial.disk(0).requestDeadline(SocketGuest.DEADLINE);
                    for (int round = 0; round < 10; round++) {
                        assertEquals(List.of(), SocketGuest.burst(trial, content, 10L * round), deed.toString());
                    }
                    assertTrue(trial.disk(0).recoveries() <= 1, trial.disk(0).recoveries() + " recoveries");
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    void aCapacityThatChangesIsNoticed(Setting setting) throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(split(), Script.honest())) {
                try (Trial trial = SocketGuest.boot(setting, backend.path())) {
                    SocketGuest.assertReads(trial, content, 0, 1);
                    assertEquals(SECTORS, trial.disk(0).sectors());
                    backend.changeCapacity(SECTORS / 2);
                    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
                    while (trial.disk(0).sectors() != SECTORS / 2) {
                        assertTrue(System.nanoTime() < deadline, "nobody noticed");
                        SocketGuest.assertReads(trial, content, 0, 1);
                        trial.disk(0).refresh();
                    }
                    SocketGuest.assertReads(trial, content, SECTORS / 2 - 4, 4);
                    assertEquals(0, trial.disk(0).recoveries());
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.SocketGuest#settings")
    void aRequestThatIsNeverAnsweredTimesOutAndTheDiskIsUsedAgain(Setting setting) throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(split(), Script.honest().atRequest(0, 2, DataDeed.STALL))) {
                try (Trial trial = SocketGuest.boot(setting, backend.path())) {
                    trial.disk(0).requestDeadline(SocketGuest.DEADLINE);
                    SocketGuest.assertReads(trial, content, 0, 1);
                    long before = System.nanoTime();
                    assertThrows(RequestTimeoutException.class, () -> SocketGuest.assertReads(trial, content, 1, 1));
                    long waited = System.nanoTime() - before;
                    assertTrue(waited >= SocketGuest.DEADLINE.toNanos(), "after " + waited + " ns");
                    assertTrue(waited < 4 * SocketGuest.DEADLINE.toNanos(), "after " + waited + " ns");
                    SocketGuest.assertReads(trial, content, 2, 1);
                    assertEquals(1, trial.disk(0).recoveries());
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }

    @Test
    void aStallThatEndsInTimeIsNone() throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(split(), Script.honest().atRequest(0, 2, DataDeed.STALL))) {
                try (Trial trial = SocketGuest.boot(SocketGuest.BOUNCED, backend.path())) {
                    SocketGuest.assertReads(trial, content, 0, 1);
                    Thread.ofVirtual().start(() -> {
                        backend.awaitHeld(1, SocketGuest.BOUND);
                        backend.goOn();
                    });
                    SocketGuest.assertReads(trial, content, 1, 1);
                    assertEquals(0, trial.disk(0).recoveries());
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }
}
