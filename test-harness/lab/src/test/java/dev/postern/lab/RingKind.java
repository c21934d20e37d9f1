package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.emulated.VirtioOptions;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ReservedFeatures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * One kind of ring, and where. Machines on a PCI bus alone can be told what rings their devices have.
 *
 * @param setting on which machine, how drivers hear of used buffers, and which contexts devices get
 * @param format how it lies in memory
 * @param eventIndices whether devices offer EVENT_IDX
 * @param indirect whether they offer tables
 * @param inOrder whether they offer IN_ORDER, which QEMU does not have
 * @param size the most descriptors; as the machine makes its devices when empty
 */
record RingKind(
        Setting setting, Format format, boolean eventIndices, boolean indirect, boolean inOrder, OptionalInt size) {

    /** How a ring lies in memory. */
    enum Format {
        SPLIT,
        PACKED
    }

    private static final boolean[] EITHER = {false, true};

    /** One of a kind that every machine has. */
    static RingKind of(
            MachineKind machine, InterruptMode interrupts, Format format, boolean eventIndices, boolean indirect) {
        return new RingKind(
                new Setting(machine, interrupts, ContextKind.AUDITED),
                format,
                eventIndices,
                indirect,
                false,
                OptionalInt.empty());
    }

    /** Every kind of ring that a machine has, in every way of hearing of used buffers, direct and bounced. */
    static Stream<RingKind> all() {
        return MachineKind.withPci()
                .flatMap(machine -> shapes(machine).stream()
                        .flatMap(shape -> Stream.of(InterruptMode.values())
                                .flatMap(interrupts -> Stream.of(ContextKind.AUDITED, ContextKind.BOUNCED)
                                        .map(contexts -> shape.in(new Setting(machine, interrupts, contexts))))));
    }

    /**
     * Every kind of ring that a machine has, once each: ways of hearing of used buffers take turns, and so do direct and bounced. Each of
     * them meets each format, and every two of the other traits meet.
     */
    static Stream<RingKind> some() {
        List<RingKind> some = new ArrayList<>();
        for (MachineKind machine : MachineKind.withPci().toList()) {
            List<RingKind> shapes = shapes(machine);
            for (int i = 0; i < shapes.size(); i++) {
                InterruptMode interrupts = InterruptMode.values()[i % InterruptMode.values().length];
                // Not by the parity of i, which is that of a trait.
                ContextKind contexts = Integer.bitCount(i) % 2 == 0 ? ContextKind.AUDITED : ContextKind.BOUNCED;
                some.add(shapes.get(i).in(new Setting(machine, interrupts, contexts)));
            }
        }
        return some.stream();
    }

    private static List<RingKind> shapes(MachineKind machine) {
        List<RingKind> shapes = new ArrayList<>();
        for (Format format : Format.values()) {
            for (boolean eventIndices : EITHER) {
                for (boolean indirect : EITHER) {
                    RingKind shape = of(machine, InterruptMode.POLLED, format, eventIndices, indirect);
                    shapes.add(shape);
                    if (machine == MachineKind.EMULATED) {
                        shapes.add(shape.ordered());
                    }
                }
            }
        }
        return shapes;
    }

    MachineKind machine() {
        return setting.machine();
    }

    boolean packed() {
        return format == Format.PACKED;
    }

    /** The same elsewhere. */
    RingKind in(Setting other) {
        return new RingKind(other, format, eventIndices, indirect, inOrder, size);
    }

    /** The same, used in order. */
    RingKind ordered() {
        return new RingKind(setting, format, eventIndices, indirect, true, size);
    }

    /** The same of at most so many descriptors. */
    RingKind ofSize(int most) {
        return new RingKind(setting, format, eventIndices, indirect, inOrder, OptionalInt.of(most));
    }

    /** A disk with such a ring. */
    LabDevice.Disk disk(String id, Path image, DiskAccess access) {
        return disk(id, image, access, DiskSettings.NONE);
    }

    /** A disk with such a ring, told something more. */
    LabDevice.Disk disk(String id, Path image, DiskAccess access, DiskSettings settings) {
        return new LabDevice.Disk(
                id,
                image,
                access,
                LabDevice.ROOT_BUS,
                features(),
                size.isPresent() ? settings.with(DiskNumber.QUEUE_SIZE, size.getAsInt()) : settings);
    }

    /** An entropy device with such a ring. */
    LabDevice.Rng rng(String id) {
        // QEMU's has a queue of 8 and takes no other size.
        return new LabDevice.Rng(
                id, LabDevice.ROOT_BUS, features(), machine() == MachineKind.QEMU_Q35 ? OptionalInt.empty() : size);
    }

    /** Such a ring in the emulated machine's words. */
    VirtioOptions options() {
        VirtioOptions options = VirtioOptions.DEFAULTS;
        if (packed()) {
            options = options.offer(AdjustableFeature.RING_PACKED.bit());
        }
        if (inOrder) {
            options = options.offer(AdjustableFeature.IN_ORDER.bit());
        }
        if (!eventIndices) {
            options = options.withhold(AdjustableFeature.EVENT_IDX.bit());
        }
        if (!indirect) {
            options = options.withhold(AdjustableFeature.INDIRECT_DESC.bit());
        }
        return size.isPresent() ? options.queueSize(size.getAsInt()) : options;
    }

    private Map<AdjustableFeature, Boolean> features() {
        Map<AdjustableFeature, Boolean> features = new EnumMap<>(AdjustableFeature.class);
        features.put(AdjustableFeature.RING_PACKED, packed());
        features.put(AdjustableFeature.EVENT_IDX, eventIndices);
        features.put(AdjustableFeature.INDIRECT_DESC, indirect);
        if (inOrder) {
            features.put(AdjustableFeature.IN_ORDER, true);
        }
        return features;
    }

    /** Asserts that every device of a guest has such a ring. */
    void assertAgreed(Trial trial) {
        for (DeviceReport report : trial.guest().devices()) {
            assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
            assertAgreed(packed(), ReservedFeatures.RING_PACKED, report);
            assertAgreed(eventIndices, ReservedFeatures.EVENT_IDX, report);
            assertAgreed(indirect, ReservedFeatures.INDIRECT_DESC, report);
            assertAgreed(inOrder, ReservedFeatures.IN_ORDER, report);
        }
    }

    private static void assertAgreed(boolean offered, int feature, DeviceReport report) {
        assertEquals(offered, report.offered().has(feature), report.toString());
        assertEquals(offered, report.accepted().has(feature), report.toString());
    }

    @Override
    public String toString() {
        return "%s, %s%s, event_idx %b, indirect_desc %b, in_order %b"
                .formatted(
                        setting,
                        format,
                        size.isPresent() ? " of " + size.getAsInt() : "",
                        eventIndices,
                        indirect,
                        inOrder)
                .toLowerCase(Locale.ROOT);
    }
}
