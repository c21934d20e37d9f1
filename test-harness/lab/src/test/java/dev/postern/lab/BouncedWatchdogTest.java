package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.PoolSize;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.dma.bounce.PoolStatistics;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.HangAt;
import dev.postern.emulated.mischief.NeverFinishReset;
import dev.postern.emulated.mischief.StallAfter;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices behind a pool that stop answering, in the midst of many requests. */
@OnBouncedEmulated
class BouncedWatchdogTest {

    private static final int SECTOR = Misbehaving.SECTOR;
    private static final int IN_FLIGHT = 8;

    @Parameter
    Setting setting;

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 8})
    @Immunity({21, 32})
    void aDeviceThatHangsGivesAllItsSlotsBack(int request) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial = two(new HangAt(request))) {
            BlkDevice disk = trial.disk(0);
            long before = trial.pool().statistics().bytesInUse();
            PhysRange buffer = trial.buffer(IN_FLIGHT * SECTOR);
            BlkRequest[] requests = submit(trial, buffer);
            int timeouts = 0;
            for (BlkRequest one : requests) {
                try {
                    disk.await(one);
                } catch (RequestTimeoutException e) {
                    timeouts++;
                }
            }
            // From the one that hung on: what is answered before it is published with it or not at all.
            assertTrue(timeouts >= IN_FLIGHT + 1 - request && timeouts <= IN_FLIGHT, timeouts + " timeouts");
            assertEquals(1, disk.recoveries());
            assertEquals(before, trial.pool().statistics().bytesInUse(), "a slot leaked");
            assertEquals(0, trial.pool().statistics().quarantinedMappings());
            trial.giveBack(buffer);
            assertArrayEquals(Misbehaving.sector(content, 7), Misbehaving.read(trial, 7, 1));
        }
    }

    @Test
    @Immunity({21, 24})
    void theSlotsOfADeviceThatNeverFinishesItsResetAreLostAndThePoolServesAnotherDisk() throws Exception {
        Trial trial = two(new StallAfter(0), new NeverFinishReset());
        try {
            BlkDevice disk = trial.disk(0);
            long before = trial.pool().statistics().bytesInUse();
            PhysRange buffer = trial.buffer(IN_FLIGHT * SECTOR);
            BlkRequest[] requests = submit(trial, buffer);
            assertThrows(DeviceDeadException.class, () -> disk.await(requests[0]));
            PoolStatistics lost = trial.pool().statistics();
            // The data of each; headers and status bytes are in no pool.
            assertEquals(IN_FLIGHT, lost.quarantinedMappings());
            assertTrue(lost.bytesInUse() > before, lost.toString());
            PhysRange own = trial.buffer(SECTOR);
            for (int turn = 0; turn < 300; turn++) {
                trial.disk(1).read(turn % 4, own.basePa(), SECTOR);
            }
            trial.giveBack(own);
            PoolStatistics after = trial.pool().statistics();
            assertTrue(after.mappings() >= lost.mappings() + 300, after.toString());
            assertEquals(lost.bytesInUse(), after.bytesInUse(), "no slot came back, and none was lost besides");
            assertEquals(lost.quarantinedMappings(), after.quarantinedMappings());
        } finally {
            trial.abandon();
        }
    }

    private BlkRequest[] submit(Trial trial, PhysRange buffer) throws Exception {
        trial.disk(0).requestDeadline(Duration.ofMillis(500));
        BlkRequest[] requests = new BlkRequest[IN_FLIGHT];
        for (int i = 0; i < IN_FLIGHT; i++) {
            requests[i] = trial.disk(0).submitRead(i, buffer.basePa() + (long) i * SECTOR, SECTOR);
        }
        return requests;
    }

    /** Two disks over the smallest pool there can be; the first misbehaves. */
    private Trial two(DeviceMischief... acts) throws Exception {
        // On a plain platform the rings come out of the pool too.
        long pool = setting.platform() == PlatformKind.PLAIN ? 2 << 20 : 2 * PoolOptions.SMALLEST_BYTES;
        return Trial.boot(
                setting,
                options -> options.withPool(PoolSize.fixed(pool)),
                new LabMachine.Emulated(EmulatedDevices.on(setting.platform())
                        .device(SeededDisk.of(Misbehaving.SECTORS * SECTOR, Misbehaving.CONTENT)
                                .virtio(VirtioOptions.DEFAULTS.mischief(acts)))
                        .device(SeededDisk.of(4 * SECTOR, Misbehaving.CONTENT).ro())
                        .build()));
    }
}
