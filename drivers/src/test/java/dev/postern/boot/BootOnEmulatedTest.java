package dev.postern.boot;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.ApplicationResult;
import dev.postern.app.CloneDisk;
import dev.postern.app.Digest;
import dev.postern.app.Entropy;
import dev.postern.app.Progress;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.FileDisk;
import dev.postern.emulated.MachineBuilder;
import dev.postern.emulated.Rng;
import dev.postern.virtio.InterruptMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole way through the house, once for each way of interrupting. */
class BootOnEmulatedTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(InterruptMode.class)
    void everyByteOfAnImageIsReadRightAndCopiedRight(InterruptMode mode) throws Exception {
        Path source = image("source", 3 * 1024 * 1024 + 512, 7);
        Path target = image("target", 3 * 1024 * 1024 + 512, 8);
        MachineBuilder builder = EmulatedMachine.builder()
                .device(FileDisk.of(source).ro())
                .device(FileDisk.of(target))
                .device(Rng.of());
        try (EmulatedMachine machine = builder.build();
                BootedGuest guest = Boot.start(machine, BootOptions.defaults().withInterrupts(mode), event -> {})) {
            assertEquals(
                    List.of("blk0", "blk1", "rng0"),
                    guest.devices().stream().map(DeviceReport::name).toList());
            guest.devices().forEach(d -> assertEquals(DeviceReport.Result.DRIVEN, d.outcome(), d.why()));
            ApplicationResult digest = new Digest().run(guest.guest(Progress.NONE));
            assertEquals(sha256(source), digest.byDevice().get("blk0"));
            assertEquals(sha256(target), digest.byDevice().get("blk1"));
            new CloneDisk().run(guest.guest(Progress.NONE));
            assertEquals(
                    64,
                    new Entropy()
                            .run(guest.guest(Progress.NONE))
                            .byDevice()
                            .get("rng0")
                            .length());
            assertEquals(List.of(), machine.guestErrors());
        }
        assertEquals(-1, Files.mismatch(source, target));
    }

    private Path image(String name, int bytes, long seed) throws Exception {
        byte[] content = new byte[bytes];
        new SplittableRandom(seed).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
