package dev.postern.virtio.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A disk whose registers and configuration space say anything: at first, while it runs, and after a reset. */
class DiskRegistersFuzz {

    private static final int LONGEST_CONFIGURATION = 96;

    @FuzzTest(maxDuration = "15s")
    void registersSayAnything(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        try (FuzzedDisk disk = new FuzzedDisk(input.u8())) {
            fill(disk, input);
            disk.device.answer = disk::honestly;
            if (!disk.open(input.u8() < 128 ? InterruptMode.MSIX : InterruptMode.POLLED)) {
                return;
            }
            while (input.hasMore()) {
                if (input.u8() < 64) {
                    fill(disk, input);
                    disk.transport.raiseConfiguration();
                }
                disk.call(input);
            }
        }
    }

    private static void fill(FuzzedDisk disk, FuzzInput input) {
        FeatureSet any = new FeatureSet(input.s64(), 0);
        disk.transport.offered = input.u8() < 192 ? any.with(32) : any;
        disk.transport.queueSize = input.u8() < 128 ? 1 << input.below(16) : input.u16();
        disk.transport.takesFeatures = input.u8() < 224;
        // For ever is rare: nothing but the end of the disk comes of it.
        int reset = input.u8();
        disk.transport.resetReads = reset < 240 ? 0 : reset < 254 ? reset - 239 : -1;
        int steady = input.u8();
        disk.transport.generation = steady < 192 ? () -> steady : input::u8;
        int refused = input.u8();
        disk.transport.setup = what -> {
            if (refused == 255 && what.equals("queue") || refused == 254 && what.equals("interrupts")) {
                throw new ProbeRefusedException("blk0: the device takes no " + what);
            }
        };
        byte[] configuration = new byte[input.below(LONGEST_CONFIGURATION)];
        System.arraycopy(
                disk.transport.config.array(),
                0,
                configuration,
                0,
                Math.min(configuration.length, disk.transport.config.capacity()));
        for (int changes = input.below(8); changes > 0 && configuration.length > 0; changes--) {
            configuration[input.below(configuration.length)] = (byte) input.u8();
        }
        disk.transport.config = ByteBuffer.wrap(configuration).order(ByteOrder.LITTLE_ENDIAN);
    }
}
