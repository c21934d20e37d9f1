package dev.postern.lab;

import static dev.postern.lab.Misbehaving.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.JumpUsedIndexAt;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.emulated.mischief.WrongStatus;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import dev.postern.virtio.rng.RngDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that says impossible things in its used ring: the guest resets it, sends again and reads the right bytes. */
@OnEveryEmulatedPlatform
class RingAdversaryTest {

    private static final int BAD_REQUEST = 8;

    @Parameter
    Setting setting;

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 65535, -1, Integer.MIN_VALUE})
    @Immunity(17)
    void aUsedIdBeyondTheQueueBreaksTheQueueAndNothingElse(int id) throws Exception {
        assertRecoversOnce(new TamperUsedId(BAD_REQUEST, id));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x1_0000, 0x7fff_0000, 0x8000_0000})
    @Immunity(17)
    void aUsedIdIsComparedInAllItsBits(int highBits) throws Exception {
        // One request at a time always has the same head, the first: its low bits are right here.
        assertRecoversOnce(new TamperUsedId(BAD_REQUEST, highBits));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 255})
    @Immunity(17)
    void aUsedIdOfNothingOutstandingBreaksTheQueueAndNothingElse(int id) throws Exception {
        assertRecoversOnce(new TamperUsedId(BAD_REQUEST, id));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 30, 61})
    @Immunity(17)
    void aUsedIdThatWasAnsweredBeforeBreaksTheQueueAndNothingElse(int id) throws Exception {
        byte[] content = Misbehaving.content(setting);
        // Alone, a request has whichever head became free last, but always that one: of two neighbours one is stale.
        try (Trial trial = Misbehaving.disk(setting, new TamperUsedId(70, id), new TamperUsedId(75, id + 1))) {
            BlkDevice disk = trial.disk(0);
            assertTrue(disk.depth() > id + 1 && disk.depth() < 70, "depth " + disk.depth());
            PhysRange buffer = trial.buffer((long) disk.depth() * SECTOR);
            BlkRequest[] requests = new BlkRequest[disk.depth()];
            for (int i = 0; i < requests.length; i++) {
                requests[i] = disk.submitRead(i, buffer.basePa() + (long) i * SECTOR, SECTOR);
            }
            for (BlkRequest request : requests) {
                disk.await(request);
            }
            trial.giveBack(buffer);
            assertEquals(0, disk.recoveries());
            for (int sector = 0; sector < 20; sector++) {
                assertArrayEquals(
                        Misbehaving.sector(content, sector),
                        Misbehaving.read(trial, sector, 1),
                        "sector %d; %s".formatted(sector, Seed.words()));
            }
            assertTrue(disk.recoveries() >= 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SECTOR + 2, 4096, 0x7fff_ffff, -1})
    @Immunity({1, 2, 6, 9})
    void aUsedLengthBeyondWhatWasPostedBreaksTheQueueAndNothingElse(int length) throws Exception {
        assertRecoversOnce(new TamperUsedLength(BAD_REQUEST, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SECTOR})
    @Clause("split-ring:473")
    @Immunity({9, 10})
    void aSuccessThatFilledTooLittleIsNone(int length) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(setting, new TamperUsedLength(3, length))) {
            assertArrayEquals(Misbehaving.sector(content, 1), Misbehaving.read(trial, 1, 1));
            assertArrayEquals(Misbehaving.sector(content, 2), Misbehaving.read(trial, 2, 1));
            assertThrows(DeviceBrokenException.class, () -> Misbehaving.read(trial, 3, 1));
            assertArrayEquals(Misbehaving.sector(content, 4), Misbehaving.read(trial, 4, 1));
            assertEquals(0, trial.disk(0).recoveries(), "the ring is whole");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 100, 65535})
    void anIndexThatJumpsBreaksTheQueueAndNothingElse(int by) throws Exception {
        // Every element of so small a ring has held the one head and a fitting length before.
        assertRecoversOnce(VirtioOptions.DEFAULTS.queueSize(4).mischief(new JumpUsedIndexAt(BAD_REQUEST, by)));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 77, 254, 255})
    void aStatusThatMeansNothingFailsJustThatRequest(int status) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(setting, new WrongStatus(2, status))) {
            assertArrayEquals(Misbehaving.sector(content, 1), Misbehaving.read(trial, 1, 1));
            DeviceBrokenException broken =
                    assertThrows(DeviceBrokenException.class, () -> Misbehaving.read(trial, 2, 1));
            assertFalse(broken.getMessage().contains("\n"), broken.getMessage());
            assertArrayEquals(Misbehaving.sector(content, 3), Misbehaving.read(trial, 3, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 4097, 0x7fff_ffff, -1})
    @Immunity(7)
    void randomBytesBeyondWhatWasPostedAreNeverHandedOut(int length) throws Exception {
        DeviceMischief[] acts = new DeviceMischief[RngDevice.ATTEMPTS];
        for (int i = 0; i < acts.length; i++) {
            acts[i] = new TamperUsedLength(2 + i, length);
        }
        try (Trial trial = Misbehaving.rng(setting, acts)) {
            RngDevice rng = trial.guest().rngs().getFirst();
            rng.fill(new byte[64]);
            assertThrows(DeviceBrokenException.class, () -> rng.fill(new byte[64]));
            rng.fill(new byte[64]);
        }
    }

    @Test
    void aSourceThatNeverHasAByteIsGivenUpOn() throws Exception {
        DeviceMischief[] acts = new DeviceMischief[16];
        for (int i = 0; i < acts.length; i++) {
            acts[i] = new TamperUsedLength(i + 1, 0);
        }
        try (Trial trial = Misbehaving.rng(setting, acts)) {
            RngDevice rng = trial.guest().rngs().getFirst();
            assertThrows(DeviceBrokenException.class, () -> rng.fill(new byte[8]));
            rng.fill(new byte[8]);
        }
    }

    private void assertRecoversOnce(DeviceMischief act) throws Exception {
        assertRecoversOnce(VirtioOptions.DEFAULTS.mischief(act));
    }

    private void assertRecoversOnce(VirtioOptions options) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(setting, options)) {
            for (int sector = 0; sector < 2 * BAD_REQUEST; sector++) {
                assertArrayEquals(
                        Misbehaving.sector(content, sector),
                        Misbehaving.read(trial, sector, 1),
                        "sector %d; %s".formatted(sector, Seed.words()));
            }
            assertEquals(1, trial.disk(0).recoveries());
        }
    }
}
