package dev.postern.lab;

import dev.postern.boot.BootException;
import dev.postern.emulated.Rng;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Guests whose first device misbehaves, and the disk content they should see nevertheless. */
final class Misbehaving {

    static final int SECTOR = 512;
    static final int SECTORS = 256;

    static final long CONTENT = 7;
    private static final int TRACE = 1000;

    private Misbehaving() {}

    /** A guest with a disk of {@link #SECTORS} sectors that does these things wrong. */
    static Trial disk(Setting setting, DeviceMischief... acts) throws BootException {
        return disk(setting, VirtioOptions.DEFAULTS.mischief(acts));
    }

    /** A guest with a disk that behaves so. */
    static Trial disk(Setting setting, VirtioOptions options) throws BootException {
        return Trial.boot(
                setting,
                new LabMachine.Emulated(EmulatedDevices.on(setting.platform())
                        .traceCapacity(TRACE)
                        .device(SeededDisk.of(SECTORS * SECTOR, CONTENT)
                                .id("d0")
                                .virtio(options))
                        .device(SeededDisk.of(SECTOR, CONTENT).id("d1").ro())
                        .build()));
    }

    /** A guest with an entropy device that does these things wrong. */
    static Trial rng(Setting setting, DeviceMischief... acts) throws BootException {
        return Trial.boot(
                setting,
                new LabMachine.Emulated(EmulatedDevices.on(setting.platform())
                        .device(Rng.of().virtio(VirtioOptions.DEFAULTS.mischief(acts)))
                        .build()));
    }

    /** What an honest disk of the same seed holds, read once on a plain machine. */
    static byte[] content() {
        return Honest.CONTENT.clone();
    }

    private static final class Honest {
        static final byte[] CONTENT = read();

        private static byte[] read() {
            try {
                return content(new Setting(MachineKind.EMULATED, InterruptMode.POLLED, ContextKind.AUDITED));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What an honest disk of the same seed holds, read through an honest guest. */
    static byte[] content(Setting setting) throws Exception {
        try (Trial trial = disk(setting)) {
            return read(trial, 0, SECTORS);
        }
    }

    /** Reads sectors of the first disk. */
    static byte[] read(Trial trial, long sector, int count) throws Exception {
        PhysRange buffer = trial.buffer((long) count * SECTOR);
        try {
            MemorySegment bytes = trial.bytes(buffer).asSlice(0, (long) count * SECTOR);
            bytes.fill((byte) 0xa5);
            trial.disk(0).read(sector, buffer.basePa(), (long) count * SECTOR);
            return bytes.toArray(ValueLayout.JAVA_BYTE);
        } finally {
            trial.disk(0).release(buffer);
        }
    }

    /** One sector of a content. */
    static byte[] sector(byte[] content, int sector) {
        return Arrays.copyOfRange(content, sector * SECTOR, (sector + 1) * SECTOR);
    }
}
