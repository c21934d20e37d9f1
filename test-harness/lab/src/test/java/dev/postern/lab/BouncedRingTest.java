package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.dma.bounce.PoolStatistics;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings behind a pool: what they need is shared once, and comes back. */
@OnSecureEmulated
class BouncedRingTest {

    private static final int SECTOR = Misbehaving.SECTOR;

    @Parameter
    Setting setting;

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    @Immunity(32)
    void row32ARequestThatFindsTheRingFullKeepsNoSlot(int size) throws Exception {
        byte[] content = Misbehaving.content(setting);
        try (Trial trial =
                disk(VirtioOptions.DEFAULTS.queueSize(size).withhold(AdjustableFeature.INDIRECT_DESC.bit()))) {
            BlkDevice disk = trial.disk(0);
            long before = trial.pool().statistics().bytesInUse();
            int depth = disk.depth();
            assertTrue(3 * depth > size, "%d requests always fit %d descriptors".formatted(depth, size));
            PhysRange buffer = trial.buffer((long) depth * SECTOR);
            BlkRequest[] requests = new BlkRequest[depth];
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < depth; i++) {
                    requests[i] = disk.submitRead(round + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
                }
                for (int i = 0; i < depth; i++) {
                    disk.await(requests[i]);
                    assertArrayEquals(
                            Misbehaving.sector(content, round + i),
                            trial.bytes(buffer)
                                    .asSlice((long) i * SECTOR, SECTOR)
                                    .toArray(ValueLayout.JAVA_BYTE));
                }
                assertEquals(before, trial.pool().statistics().bytesInUse(), "a slot leaked");
            }
            trial.giveBack(buffer);
        }
    }

    @Test
    @Immunity(33)
    void row33IndirectTablesAreSharedOnceAndComeBack() throws Exception {
        long[] shared = new long[2];
        for (int with = 0; with < 2; with++) {
            VirtioOptions options = VirtioOptions.DEFAULTS;
            try (Trial trial = disk(with == 1 ? options : options.withhold(AdjustableFeature.INDIRECT_DESC.bit()))) {
                assertEquals(
                        with == 1, trial.guest().devices().getFirst().accepted().has(ReservedFeatures.INDIRECT_DESC));
                Misbehaving.read(trial, 0, 1);
                shared[with] = trial.shared().sharedBytes();
                for (int sector = 0; sector < Misbehaving.SECTORS; sector++) {
                    Misbehaving.read(trial, sector, 1);
                }
                PoolStatistics pool = trial.pool().statistics();
                assertEquals(shared[with], trial.shared().sharedBytes(), "a table was shared for a request");
                assertEquals(0, pool.bytesInUse());
                // The trial's end looks whether the ledger balances and whether anything is still shared.
            }
        }
        assertTrue(shared[1] > shared[0], "no tables: %d and %d bytes".formatted(shared[0], shared[1]));
    }

    private Trial disk(VirtioOptions options) throws Exception {
        return Trial.boot(
                setting,
                new LabMachine.Emulated(EmulatedDevices.on(setting.platform())
                        .device(SeededDisk.of(Misbehaving.SECTORS * SECTOR, Misbehaving.CONTENT)
                                .virtio(options))
                        .build()));
    }
}
