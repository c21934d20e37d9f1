package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.machine.Cpu;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRangeException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnEveryMachine
class CapacityChangeTest {

    private static final int BEFORE = 1024;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {512, 2048})
    @Clause({"blk:871", "transport-pci:1187"})
    void aChangedCapacityIsNoticedAndKept(int sectors) throws Exception {
        Path image = Images.random(folder, "image", BEFORE * SECTOR);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            BlkDevice disk = trial.disk(0);
            assertEquals(BEFORE, disk.sectors());
            trial.machine().resize("d0", (long) sectors * SECTOR);
            PhysRange buffer = trial.buffer(SECTOR);
            Cpu cpu = trial.machine().machine().cpu();
            long deadline = cpu.nanoTime() + LIMIT.toNanos();
            while (disk.sectors() != sectors) {
                assertTrue(cpu.nanoTime() < deadline, "still %d sectors".formatted(disk.sectors()));
                disk.read(0, buffer.basePa(), SECTOR);
            }
            assertThrows(BlkRangeException.class, () -> disk.read(sectors, buffer.basePa(), SECTOR));
            trial.giveBack(buffer);
        }
    }
}
