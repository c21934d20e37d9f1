package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.MIB;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.CloneDisk;
import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.attach.FeatureAdjustments;
import dev.postern.attach.QemuDevice;
import dev.postern.attach.QemuQ35;
import dev.postern.boot.DeviceReport;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.rng.RngDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole disks and entropy through every kind of ring that a machine has, with every way of hearing of used buffers. */
@Timeout(120)
class RingFormatTest {

    private static final long BYTES = 2 * MIB;

    @TempDir
    Path folder;

    /**
     * One kind of ring.
     *
     * @param machine where
     * @param interrupts how drivers hear of used buffers
     * @param packed whether devices offer the packed format
     * @param eventIndices whether they offer EVENT_IDX
     * @param indirect whether they offer tables
     */
    record Ring(MachineKind machine, InterruptMode interrupts, boolean packed, boolean eventIndices, boolean indirect) {

        Setting setting() {
            return new Setting(machine, interrupts, ContextKind.AUDITED);
        }

        @Override
        public String toString() {
            return "%s, %s, packed %b, event_idx %b, indirect_desc %b"
                    .formatted(machine, interrupts, packed, eventIndices, indirect)
                    .toLowerCase(Locale.ROOT);
        }
    }

    static Stream<Ring> rings() {
        List<Ring> rings = new ArrayList<>();
        for (InterruptMode interrupts : InterruptMode.values()) {
            for (boolean eventIndices : new boolean[] {false, true}) {
                for (boolean indirect : new boolean[] {false, true}) {
                    rings.add(new Ring(MachineKind.EMULATED, interrupts, false, eventIndices, indirect));
                    rings.add(new Ring(MachineKind.QEMU_Q35, interrupts, false, eventIndices, indirect));
                    rings.add(new Ring(MachineKind.QEMU_Q35, interrupts, true, eventIndices, indirect));
                }
            }
        }
        return rings.stream();
    }

    @ParameterizedTest
    @MethodSource("rings")
    @Clause("transport-pci:505")
    void diskAndEntropyAreWholeThroughEveryKindOfRing(Ring ring) throws Exception {
        Peers.require(ring.machine());
        Path source = Images.random(folder, "source", BYTES);
        Path target = Images.random(folder, "target", BYTES);
        assertNotEquals(-1, Files.mismatch(source, target));
        String expected = Images.sha256(source);
        try (Trial trial = Trial.boot(ring.setting(), machine(ring, source, target))) {
            for (DeviceReport report : trial.guest().devices()) {
                assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
                assertAccepted(ring.packed(), ReservedFeatures.RING_PACKED, report);
                // The emulated machine's entropy device cannot be told to withhold anything.
                if (ring.machine() == MachineKind.QEMU_Q35
                        || report != trial.guest().devices().getLast()) {
                    assertAccepted(ring.eventIndices(), ReservedFeatures.EVENT_IDX, report);
                    assertAccepted(ring.indirect(), ReservedFeatures.INDIRECT_DESC, report);
                }
            }
            assertEquals(
                    expected,
                    new Digest()
                            .run(trial.guest().guest(Progress.NONE))
                            .byDevice()
                            .get("blk0"),
                    Seed.words());
            new CloneDisk().run(trial.guest().guest(Progress.NONE));
            assertEntropy(trial.guest().rngs().getFirst());
            assertEquals(0, trial.disk(0).recoveries());
            assertEquals(0, trial.disk(1).recoveries());
        }
        assertEquals(-1, Files.mismatch(source, target), Seed.words());
        assertEquals(expected, Images.sha256(source), "a disk that is only read stays as it was");
    }

    private static void assertAccepted(boolean offered, int feature, DeviceReport report) {
        assertEquals(offered, report.offered().has(feature), report.toString());
        assertEquals(offered, report.accepted().has(feature), report.toString());
    }

    private static void assertEntropy(RngDevice rng) throws Exception {
        byte[] first = new byte[5000];
        byte[] second = new byte[5000];
        // Many small requests, so that a ring goes round.
        for (int turn = 0; turn < 40; turn++) {
            rng.fill(new byte[64]);
        }
        rng.fill(first);
        rng.fill(second);
        assertFalse(Arrays.equals(first, second));
        assertFalse(Arrays.equals(first, 4900, 5000, new byte[100], 0, 100), "the end was not filled");
    }

    private static LabMachine machine(Ring ring, Path source, Path target) {
        return switch (ring.machine()) {
            case EMULATED -> {
                Map<AdjustableFeature, Boolean> features = Map.of(
                        AdjustableFeature.EVENT_IDX, ring.eventIndices(),
                        AdjustableFeature.INDIRECT_DESC, ring.indirect());
                yield LabMachine.open(
                        ring.machine(),
                        List.of(
                                new LabDevice.Disk("d0", source, READ_ONLY, LabDevice.ROOT_BUS, features),
                                new LabDevice.Disk("d1", target, READ_WRITE, LabDevice.ROOT_BUS, features),
                                new LabDevice.Rng("r0")));
            }
            case QEMU_Q35 -> {
                FeatureAdjustments features = FeatureAdjustments.parse("%spacked%sevent_idx%sindirect_desc"
                        .formatted(sign(ring.packed()), sign(ring.eventIndices()), sign(ring.indirect())));
                yield new LabMachine.Qemu(QemuQ35.builder()
                        .device(new QemuDevice.Disk(
                                source, dev.postern.attach.DiskAccess.READ_ONLY, "d0", LabDevice.ROOT_BUS, features))
                        .device(new QemuDevice.Disk(
                                target, dev.postern.attach.DiskAccess.READ_WRITE, "d1", LabDevice.ROOT_BUS, features))
                        .device(new QemuDevice.Rng("r0", LabDevice.ROOT_BUS, features))
                        .build());
            }
        };
    }

    private static String sign(boolean offered) {
        return offered ? "+" : "-";
    }
}
