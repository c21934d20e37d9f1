package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.PoolSize;
import dev.postern.emulated.SeededDisk;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedPurpose;
import dev.postern.virtio.InterruptMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A whole life of a guest on a secure platform of the emulated machine, in which every page that changes hands is used afterwards. */
final class SecureLife {

    private static final int LARGE_PAGE = 65536;
    /** Little, so that many lives take little time. */
    static final long RAM_BYTES = 32 << 20;

    private static final long POOL_BYTES = 512 << 10;

    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[LARGE_PAGE]);

    private SecureLife() {}

    /** Boots, reads the disk, writes it, and shuts down. */
    static void live(PlatformKind platform) throws Exception {
        live(platform, UnaryOperator.identity());
    }

    /** The same on a machine some of whose pins answer otherwise. */
    static void live(PlatformKind platform, UnaryOperator<OverlaidMachine> overlay) throws Exception {
        Setting setting = new Setting(MachineKind.EMULATED, platform, InterruptMode.MSIX, ContextKind.AUDITED);
        LabMachine.Emulated emulated = new LabMachine.Emulated(EmulatedDevices.on(platform)
                .ramBytes(RAM_BYTES)
                .device(SeededDisk.of(Misbehaving.SECTORS * Misbehaving.SECTOR, Misbehaving.CONTENT)
                        .id("d0"))
                .build());
        OverlaidMachine machine = overlay.apply(OverlaidMachine.registers(emulated.machine(), registers -> registers));
        try (Trial trial = Trial.boot(
                setting,
                options -> options.withPool(PoolSize.fixed(POOL_BYTES)),
                new LabMachine.Overlaid(emulated, machine))) {
            assertFalse(
                    trial.guest().disks().isEmpty(),
                    () -> "no disk: " + trial.guest().devices().getFirst().why());
            trial.disk(0).requestDeadline(Duration.ofSeconds(1));
            assertArrayEquals(
                    Misbehaving.content(), Misbehaving.read(trial, 0, Misbehaving.SECTORS), "what the disk gave");
            writeAndReadBack(trial);
            useWhatWasShared(trial);
        }
    }

    private static void writeAndReadBack(Trial trial) throws Exception {
        PhysRange buffer = trial.buffer(Misbehaving.SECTOR);
        byte[] text = new byte[Misbehaving.SECTOR];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) (i * 37);
        }
        trial.bytes(buffer).asByteBuffer().put(text);
        trial.disk(0).write(1, buffer.basePa(), text.length);
        trial.bytes(buffer).asSlice(0, text.length).fill((byte) 0);
        trial.disk(0).read(1, buffer.basePa(), text.length);
        assertArrayEquals(
                text,
                trial.bytes(buffer).asSlice(0, text.length).toArray(ValueLayout.JAVA_BYTE),
                "what the disk took and gave back");
        trial.giveBack(buffer);
    }

    /** A page that was taken back is the guest's own again, and a page that is shared again begins anew. */
    private static void useWhatWasShared(Trial trial) throws Exception {
        PhysRange shared = trial.shared().allocate(LARGE_PAGE, FrameRequest.ANY, SharedPurpose.OTHER);
        assertEquals(-1, trial.bytes(shared).mismatch(ZEROS), "shared memory begins as zeros");
        trial.bytes(shared).fill((byte) 0x11);
        trial.shared().free(shared);
        PhysRange own = trial.shared().frames().allocate(LARGE_PAGE, FrameRequest.ANY.within(shared));
        trial.canary().plant(trial.bytes(own));
        Findings.assertNone("private bytes within reach of devices", trial.leaks());
        byte[] seen = trial.bytes(own).asSlice(0, Canary.BYTES).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(trial.canary().needle(), seen, "what the guest stored in a page that it took back");
        trial.bytes(own).fill((byte) 0);
        trial.shared().frames().free(own);
        trial.shared().free(trial.shared().allocate(LARGE_PAGE, FrameRequest.ANY.within(shared), SharedPurpose.OTHER));
    }
}
