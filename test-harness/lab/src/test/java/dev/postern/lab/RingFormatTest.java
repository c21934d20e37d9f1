package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.MIB;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.CloneDisk;
import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import dev.postern.virtio.rng.RngDevice;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole disks and entropy through every kind of ring that a machine has, with every way of hearing of used buffers, direct and
 * bounced, around the end of the ring and of its indices.
 */
@Timeout(240)
class RingFormatTest {

    private static final long BYTES = 2 * MIB;
    /** Small, so that it goes round often; not a power of two where the format allows that. */
    private static final int SPLIT_SIZE = 64;

    private static final int PACKED_SIZE = 60;
    /** Where indices of 16 bits begin anew. */
    private static final int INDICES = 1 << 16;

    private static final int ENTRIES_A_REQUEST = 3;

    @TempDir
    Path folder;

    static Stream<RingKind> some() {
        return RingKind.some().map(RingFormatTest::small);
    }

    static Stream<RingKind> all() {
        return RingKind.all().map(RingFormatTest::small);
    }

    private static RingKind small(RingKind ring) {
        // QEMU counts queues in powers of two whatever their format.
        return ring.ofSize(ring.packed() && ring.machine() == MachineKind.EMULATED ? PACKED_SIZE : SPLIT_SIZE);
    }

    @ParameterizedTest
    @MethodSource("some")
    @Clause("transport-pci:505")
    void diskAndEntropyAreWholeThroughEveryKindOfRing(RingKind ring) throws Exception {
        assertWhole(ring, Around.RING);
    }

    @ParameterizedTest
    @MethodSource("all")
    @EnabledIfSystemProperty(named = "postern.campaign", matches = "true", disabledReason = "takes minutes: -Pcampaign")
    void diskAndEntropyAreWholeThroughEveryKindOfRingInEverySetting(RingKind ring) throws Exception {
        assertWhole(ring, Around.INDICES);
    }

    static Stream<RingKind> split() {
        return MachineKind.withPci()
                .flatMap(machine -> Stream.of(
                                RingKind.of(machine, InterruptMode.POLLED, RingKind.Format.SPLIT, false, false),
                                RingKind.of(machine, InterruptMode.MSIX, RingKind.Format.SPLIT, true, true))
                        // The ledger keeps the stack of each of the many mappings.
                        .map(ring -> ring.in(ring.setting().with(ContextKind.UNWATCHED))));
    }

    @ParameterizedTest
    @MethodSource("split")
    void theIndicesOfASplitRingBeginAnew(RingKind ring) throws Exception {
        Peers.require(ring.machine());
        RingKind large = ring.ofSize(256);
        Path image = Images.random(folder, "image", BYTES);
        try (Trial trial = Trial.boot(large.setting(), large.disk("d0", image, READ_ONLY))) {
            goAround(trial, large, Around.INDICES, Files.readAllBytes(image));
            assertEquals(0, trial.disk(0).recoveries());
        }
    }

    /** What is to begin anew. */
    private enum Around {
        /** The ring: a packed one changes its wrap counters with it. */
        RING,
        /** The indices of a split ring too, which have 16 bits whatever its size. */
        INDICES
    }

    private void assertWhole(RingKind ring, Around around) throws Exception {
        Peers.require(ring.machine());
        Path source = Images.random(folder, "source", BYTES);
        Path target = Images.random(folder, "target", BYTES);
        assertNotEquals(-1, Files.mismatch(source, target));
        String expected = Images.sha256(source);
        try (Trial trial = Trial.boot(
                ring.setting(),
                ring.disk("d0", source, READ_ONLY),
                ring.disk("d1", target, READ_WRITE),
                ring.rng("r0"))) {
            ring.assertAgreed(trial);
            assertEquals(
                    expected,
                    new Digest()
                            .run(trial.guest().guest(Progress.NONE))
                            .byDevice()
                            .get("blk0"),
                    Seed.words());
            new CloneDisk().run(trial.guest().guest(Progress.NONE));
            assertEntropy(trial.guest().rngs().getFirst());
            goAround(trial, ring, around, Files.readAllBytes(source));
            if (ring.setting().bounces()) {
                assertTrue(trial.pool().statistics().bytesBounced() >= 3 * BYTES, "nothing was bounced");
            }
            assertEquals(0, trial.disk(0).recoveries());
            assertEquals(0, trial.disk(1).recoveries());
        }
        assertEquals(-1, Files.mismatch(source, target), Seed.words());
        assertEquals(expected, Images.sha256(source), "a disk that is only read stays as it was");
    }

    private static void assertEntropy(RngDevice rng) throws Exception {
        byte[] first = new byte[5000];
        byte[] second = new byte[5000];
        // Many small requests, so that a ring goes round.
        for (int turn = 0; turn < 200; turn++) {
            rng.fill(new byte[64]);
        }
        rng.fill(first);
        rng.fill(second);
        assertFalse(Arrays.equals(first, second));
        assertFalse(Arrays.equals(first, 4900, 5000, new byte[100], 0, 100), "the end was not filled");
    }

    /** Reads single sectors of the first disk until its ring has begun anew. */
    private static void goAround(Trial trial, RingKind ring, Around around, byte[] content) throws Exception {
        BlkDevice disk = trial.disk(0);
        RawVirtio.QueuePlaces places = RawVirtio.of(trial).getFirst().places(0);
        assertEquals(ring.size().orElseThrow(), places.size());
        LiveRing live = LiveRing.of(trial.machine().machine(), places, ring.format());
        boolean rounds = ring.packed() || around == Around.INDICES;
        BlkRequest[] requests = new BlkRequest[Math.min(disk.depth(), places.size() / ENTRIES_A_REQUEST)];
        PhysRange buffer = trial.buffer((long) requests.length * SECTOR);
        MemorySegment read = trial.bytes(buffer).asSlice(0, (long) requests.length * SECTOR);
        MemorySegment expected = MemorySegment.ofArray(content);
        int lap = live.lap();
        int changes = 0;
        for (int done = 0; rounds ? changes < 2 : done < 3 * places.size(); done += requests.length) {
            assertTrue(done < 2 * INDICES, "the ring never goes round");
            long sector = done % (BYTES / SECTOR - requests.length);
            for (int i = 0; i < requests.length; i++) {
                requests[i] = disk.submitRead(sector + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
            }
            for (BlkRequest request : requests) {
                disk.await(request);
            }
            assertEquals(
                    -1,
                    read.mismatch(expected.asSlice(sector * SECTOR, read.byteSize())),
                    "after %d requests; %s".formatted(done, Seed.words()));
            changes += lap ^ live.lap();
            lap = live.lap();
        }
        trial.giveBack(buffer);
    }
}
