package dev.postern.lab;

import static dev.postern.lab.Misbehaving.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.FailSectors;
import dev.postern.emulated.mischief.HangAt;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.emulated.mischief.NeverFinishReset;
import dev.postern.emulated.mischief.StallAfter;
import dev.postern.emulated.mischief.TearCapacity;
import dev.postern.machine.Cpu;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceBrokenException;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkIoErrorException;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that breaks down, hangs, fails or dies. */
@OnEveryEmulatedPlatform
class LivenessAdversaryTest {

    @Parameter
    Setting setting;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 31, 40, 64})
    @Clause({"content:68", "transport-pci:512"})
    @Immunity(25)
    void aDeviceThatAsksForAResetInMidRunLosesNoRequestAndAnswersNoneTwice(int request) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(setting, new NeedsResetAt(request))) {
            BlkDevice disk = trial.disk(0);
            int depth = disk.depth();
            PhysRange buffer = trial.buffer((long) depth * SECTOR);
            MemorySegment bytes = trial.bytes(buffer);
            BlkRequest[] requests = new BlkRequest[depth];
            for (int round = 0; round < 3; round++) {
                bytes.fill((byte) 0xa5);
                for (int i = 0; i < depth; i++) {
                    requests[i] = disk.submitRead(i + round, buffer.basePa() + (long) i * SECTOR, SECTOR);
                }
                for (int i = 0; i < depth; i++) {
                    disk.await(requests[i]);
                    assertArrayEquals(
                            Misbehaving.sector(content, i + round),
                            bytes.asSlice((long) i * SECTOR, SECTOR).toArray(ValueLayout.JAVA_BYTE),
                            "round %d, request %d; %s".formatted(round, i, Seed.words()));
                }
                assertTrue(disk.hasRoom());
            }
            assertEquals(1, disk.recoveries());
            trial.giveBack(buffer);
        }
    }

    @Test
    void aRequestThatBreaksTheDeviceEachTimeIsGivenUp() throws Exception {
        NeedsResetAt[] acts = new NeedsResetAt[BlkDevice.ATTEMPTS];
        for (int i = 0; i < acts.length; i++) {
            acts[i] = new NeedsResetAt(2 + i);
        }
        try (Trial trial = Misbehaving.disk(setting, acts)) {
            Misbehaving.read(trial, 0, 1);
            assertThrows(DeviceBrokenException.class, () -> Misbehaving.read(trial, 1, 1));
            Misbehaving.read(trial, 2, 1);
            assertEquals(BlkDevice.ATTEMPTS, trial.disk(0).recoveries());
        }
    }

    @Test
    @Clause("content:634")
    @Immunity(21)
    void aDeviceThatHangsTimesOutWithinTheDeadlineAndIsUsableAgain() throws Exception {
        byte[] content = Misbehaving.content(setting);
        Duration deadline = Duration.ofSeconds(2);
        try (Trial trial = Misbehaving.disk(setting, new HangAt(3))) {
            BlkDevice disk = trial.disk(0);
            disk.requestDeadline(deadline);
            Misbehaving.read(trial, 0, 1);
            Misbehaving.read(trial, 1, 1);
            Cpu cpu = trial.machine().machine().cpu();
            long before = cpu.nanoTime();
            assertThrows(RequestTimeoutException.class, () -> Misbehaving.read(trial, 2, 1));
            long waited = cpu.nanoTime() - before;
            assertTrue(waited >= deadline.toNanos(), "after " + waited + " ns");
            assertTrue(waited < 2 * deadline.toNanos(), "after " + waited + " ns");
            assertArrayEquals(Misbehaving.sector(content, 3), Misbehaving.read(trial, 3, 1));
            assertEquals(1, disk.recoveries());
        }
    }

    @Test
    @Immunity(21)
    void aDeviceThatNeverAnswersAgainTimesOutEachTime() throws Exception {
        try (Trial trial = Misbehaving.disk(setting, new StallAfter(1))) {
            trial.disk(0).requestDeadline(Duration.ofMillis(500));
            Misbehaving.read(trial, 0, 1);
            for (int i = 0; i < 3; i++) {
                assertThrows(RequestTimeoutException.class, () -> Misbehaving.read(trial, 1, 1));
            }
        }
    }

    @Test
    @Immunity({21, 24})
    void theBuffersOfADeviceThatNeverFinishesItsResetAreNotUsedAgain() throws Exception {
        Trial trial = Misbehaving.disk(setting, new StallAfter(1), new NeverFinishReset());
        try {
            BlkDevice disk = trial.disk(0);
            disk.requestDeadline(Duration.ofMillis(500));
            Misbehaving.read(trial, 0, 1);
            PhysRange buffer = trial.buffer(SECTOR);
            DeviceDeadException dead =
                    assertThrows(DeviceDeadException.class, () -> disk.read(1, buffer.basePa(), SECTOR));
            assertFalse(dead.getMessage().contains("\n"), dead.getMessage());
            assertEquals(1, disk.quarantinedMappings(), "the data; header and status are in memory that stays taken");
            long free = trial.guest().frames().freeBytes();
            disk.release(buffer);
            assertEquals(free, trial.guest().frames().freeBytes(), "the device may still write to the buffer");
            assertFalse(RawVirtio.of(trial).getFirst().function().busMastering(), "the bus keeps it from memory");
            assertThrows(DeviceDeadException.class, () -> disk.read(1, buffer.basePa(), SECTOR));
            trial.disk(1).read(0, buffer.basePa(), SECTOR);
        } finally {
            trial.abandon();
        }
    }

    @Test
    void anIoErrorFailsJustTheRequestsThatTouchTheBadSectors() throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(setting, new FailSectors(100, 3))) {
            for (int sector = 96; sector < 107; sector++) {
                int at = sector;
                if (sector >= 100 && sector < 103) {
                    assertThrows(BlkIoErrorException.class, () -> Misbehaving.read(trial, at, 1), "sector " + at);
                } else {
                    assertArrayEquals(Misbehaving.sector(content, at), Misbehaving.read(trial, at, 1));
                }
            }
            assertThrows(BlkIoErrorException.class, () -> Misbehaving.read(trial, 90, 11));
            assertEquals(0, trial.disk(0).recoveries());
        }
    }

    @Test
    @Clause("content:284")
    void aCapacityThatChangesBetweenItsHalvesIsReadWhole() throws Exception {
        // Half of each value would be 2^41 bytes and a little.
        long torn = (1L << 41) + SECTOR;
        try (Trial trial = Misbehaving.disk(setting, new TearCapacity(torn))) {
            assertEquals(torn / SECTOR, trial.disk(0).sectors());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100})
    @Clause("transport-pci:512")
    void aSlowResetIsWaitedFor(int reads) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(
                setting, VirtioOptions.DEFAULTS.resetReads(reads).mischief(new NeedsResetAt(2)))) {
            Misbehaving.read(trial, 0, 1);
            assertArrayEquals(Misbehaving.sector(content, 1), Misbehaving.read(trial, 1, 1));
            assertEquals(1, trial.disk(0).recoveries());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 64, 1024})
    @Clause({"split-ring:61", "split-ring:271", "transport-pci:507", "transport-pci:509"})
    void aQueueOfAnyUsableSizeWorks(int size) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = Misbehaving.disk(setting, VirtioOptions.DEFAULTS.queueSize(size))) {
            assertArrayEquals(content, Misbehaving.read(trial, 0, Misbehaving.SECTORS));
        }
        try (Trial trial = Misbehaving.disk(
                setting, VirtioOptions.DEFAULTS.queueSize(size).withhold(AdjustableFeature.INDIRECT_DESC.bit()))) {
            assertArrayEquals(content, Misbehaving.read(trial, 0, Misbehaving.SECTORS));
        }
    }
}
