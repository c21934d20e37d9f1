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
import dev.postern.emulated.VirtioOptions;
import dev.postern.virtio.InterruptMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource({
        // the features that devices offer more, and the entries of each queue
        "38, 256",
        "39, 256",
        "38 39 40, 256",
        "34 38, 7",
        "34 35 38 39 40, 300",
        "36 40, 4"
    })
    void featuresOfRingsAndNotificationsAreAcceptedAndKeptTo(String bits, int entries) throws Exception {
        Integer[] more = Arrays.stream(bits.split(" ")).map(Integer::valueOf).toArray(Integer[]::new);
        VirtioOptions virtio = VirtioOptions.DEFAULTS.offer(more).queueSize(entries);
        Path source = image("source", 512 * 1024, 7);
        try (EmulatedMachine machine = EmulatedMachine.builder()
                        .device(FileDisk.of(source).ro().virtio(virtio))
                        .device(Rng.of().virtio(virtio))
                        .build();
                BootedGuest guest =
                        Boot.start(machine, BootOptions.defaults().withInterrupts(InterruptMode.MSIX), event -> {})) {
            for (DeviceReport device : guest.devices()) {
                assertEquals(DeviceReport.Result.DRIVEN, device.outcome(), device.why());
                for (int bit : more) {
                    assertTrue(device.accepted().has(bit), "%s accepts %d".formatted(device.name(), bit));
                }
            }
            ApplicationResult digest = new Digest().run(guest.guest(Progress.NONE));
            assertEquals(sha256(source), digest.byDevice().get("blk0"));
            new Entropy().run(guest.guest(Progress.NONE));
            assertEquals(List.of(), machine.guestErrors(), "transport-pci:1103 to 1123, content:473");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "1, true", "3, true"})
    void aShortQueueServesEntropyAndIsRefusedByADiskInOneLine(int entries, boolean packed) throws Exception {
        VirtioOptions offered = packed ? VirtioOptions.DEFAULTS.offer(34) : VirtioOptions.DEFAULTS;
        VirtioOptions virtio = offered.queueSize(entries);
        Path source = image("source", 4096, 7);
        try (EmulatedMachine machine = EmulatedMachine.builder()
                        .device(FileDisk.of(source).ro().virtio(virtio))
                        .device(Rng.of().virtio(virtio))
                        .build();
                BootedGuest guest = Boot.start(machine, BootOptions.defaults(), event -> {})) {
            DeviceReport disk = guest.devices().get(0);
            if (entries < 3) {
                assertEquals(DeviceReport.Result.REFUSED, disk.outcome(), disk.why());
                assertTrue(disk.why().contains("takes %d entr".formatted(entries)), disk.why());
            } else {
                assertEquals(DeviceReport.Result.DRIVEN, disk.outcome(), disk.why());
            }
            new Entropy().run(guest.guest(Progress.NONE));
            assertEquals(List.of(), machine.guestErrors());
        }
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
