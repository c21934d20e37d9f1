package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.rng.RngDevice;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rings of every size, down to those of one descriptor. */
@Timeout(120)
class RingSizeTest {

    private static final int SECTORS = 1000;
    private static final int QUEUE_SIZE = 24;

    @TempDir
    Path folder;

    private static Stream<RingKind> kinds(MachineKind machine) {
        return Stream.of(RingKind.Format.values())
                .flatMap(format -> Stream.of(
                        RingKind.of(machine, InterruptMode.POLLED, format, false, false),
                        RingKind.of(machine, InterruptMode.MSIX, format, true, true)));
    }

    static Stream<RingKind> disks() {
        return MachineKind.withPci().flatMap(RingSizeTest::kinds).flatMap(kind -> {
            Stream<RingKind> powers = Stream.of(4, 8, 32, 256, 1024).map(kind::ofSize);
            // packed-ring:389, and QEMU counts in powers of two all the same.
            return kind.packed() && kind.machine() == MachineKind.EMULATED
                    ? Stream.concat(powers, Stream.of(3, 5, 7, 100, 1000).map(kind::ofSize))
                    : powers;
        });
    }

    @ParameterizedTest
    @MethodSource("disks")
    @Clause({"split-ring:61", "split-ring:271", "packed-ring:471", "transport-pci:507", "transport-pci:509"})
    void aDiskWorksThroughARingOfAnyUsableSize(RingKind ring) throws Exception {
        Peers.require(ring.machine());
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] model = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(ring.setting(), ring.disk("d0", image, READ_WRITE))) {
            ring.assertAgreed(trial);
            int size = RawVirtio.of(trial).getFirst().places(0).size();
            // What is larger than a driver has use for may be made smaller (transport-pci:507).
            assertTrue(
                    size == ring.size().orElseThrow()
                            || size == 256 && ring.size().orElseThrow() > 256,
                    "size " + size);
            PhysRange buffer = trial.buffer(SECTORS * SECTOR);
            trial.disk(0).read(0, buffer.basePa(), SECTORS * SECTOR);
            assertArrayEquals(
                    model, trial.bytes(buffer).asSlice(0, model.length).toArray(ValueLayout.JAVA_BYTE));
            for (int i = 0; i < model.length; i++) {
                model[i] ^= (byte) 0xff;
            }
            trial.bytes(buffer).asSlice(0, model.length).asByteBuffer().put(model);
            trial.disk(0).write(0, buffer.basePa(), SECTORS * SECTOR);
            trial.disk(0).flush();
            assertEquals(0, trial.disk(0).recoveries());
            trial.giveBack(buffer);
        }
        assertArrayEquals(model, Files.readAllBytes(image));
    }

    static Stream<RingKind> tooSmall() {
        // QEMU itself refuses queues of less than 4 for a disk.
        return kinds(MachineKind.EMULATED).flatMap(kind -> Stream.of(1, 2).map(kind::ofSize));
    }

    @ParameterizedTest
    @MethodSource("tooSmall")
    void aRingTooSmallForTheSmallestRequestIsRefusedClearly(RingKind ring) throws Exception {
        Path image = Images.random(folder, "image", SECTOR);
        try (Trial trial = Trial.boot(ring.setting(), ring.disk("d0", image, READ_WRITE))) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertNotEquals(DeviceReport.Result.DRIVEN, report.outcome());
            assertTrue(report.why().contains("a request needs a chain of 3"), report.why());
            assertTrue(report.why().contains("queue of at least 4"), report.why());
            assertFalse(report.why().contains("\n"), report.why());
        }
    }

    static Stream<RingKind> entropy() {
        return MachineKind.withPci()
                .flatMap(RingSizeTest::kinds)
                .flatMap(kind -> IntStream.of(1, 2).mapToObj(kind::ofSize));
    }

    /** QEMU's has a queue of 8: the guest is told that it is smaller, and tells it the smaller size in turn. */
    @ParameterizedTest
    @MethodSource("entropy")
    @Clause({"transport-pci:507", "transport-pci:509"})
    void entropyComesThroughARingOfOneDescriptor(RingKind ring) throws Exception {
        Peers.require(ring.machine());
        int size = ring.size().orElseThrow();
        long common;
        // Where it will be: the same machine gets the same places.
        try (Trial other = Trial.boot(ring.setting(), ring.rng("r0"))) {
            common = RawVirtio.of(other).getFirst().common();
        }
        LabMachine machine = LabMachine.open(ring.machine(), List.of(ring.rng("r0")));
        LabMachine smaller = new LabMachine.Overlaid(
                machine,
                OverlaidMachine.registers(
                        machine.machine(), inside -> new OverlaidRegisters(inside).put(common + QUEUE_SIZE, size, 0)));
        try (Trial trial = Trial.boot(ring.setting(), smaller)) {
            ring.assertAgreed(trial);
            RngDevice rng = trial.guest().rngs().getFirst();
            byte[] first = new byte[64];
            byte[] second = new byte[64];
            for (int turn = 0; turn < 40; turn++) {
                rng.fill(first);
                rng.fill(second);
                assertFalse(Arrays.equals(first, second));
            }
        }
    }
}
