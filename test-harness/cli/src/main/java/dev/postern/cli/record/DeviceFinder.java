package dev.postern.cli.record;

import dev.postern.quirks.FactName;
import dev.postern.quirks.decision.ReservedFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the virtio devices and what the system shows of each. */
final class DeviceFinder {

    private static final String DEVICES = "/sys/bus/virtio/devices";
    /** virtio-pci: ids below this one are of transitional devices (transport-pci:37). */
    private static final int FIRST_MODERN_ID = 0x1040;

    private static final String BALLOON = "5";

    private final SystemTree tree;
    private final Optional<String> architecture;

    DeviceFinder(SystemTree tree, Optional<String> architecture) {
        this.tree = tree;
        this.architecture = architecture;
    }

    /** All of them, {@code virtio2} before {@code virtio10}. */
    List<FoundDevice> devices() {
        return tree.list(tree.at(DEVICES)).stream()
                .filter(link -> link.getFileName().toString().matches("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"))
                .sorted(Comparator.comparing(
                                (Path link) -> link.getFileName().toString().length())
                        .thenComparing(link -> link.getFileName().toString()))
                .map(this::device)
                .toList();
    }

    private FoundDevice device(Path link) {
        Path place = tree.target(link).orElse(link);
        return new Look(place).found(link.getFileName().toString());
    }

    /** One device and its parent, which is the device of the bus. */
    private final class Look {

        private final Path device;
        private final Path parent;
        private final List<FoundFact> facts = new ArrayList<>();
        private final List<String> unknown = new ArrayList<>();

        Look(Path device) {
            this.device = device;
            parent = device.getParent();
        }

        FoundDevice found(String name) {
            type();
            features();
            transport();
            mask();
            iommu();
            new InterconnectFinder(tree, parent, architecture).look(facts, unknown);
            return new FoundDevice(name, facts, unknown);
        }

        private void add(FactName name, String value, Path file) {
            facts.add(new FoundFact(name, value, tree.named(file)));
        }

        private void type() {
            number(device.resolve("device"))
                    .filter(FactName.DEVICE_TYPE.domain()::has)
                    .ifPresentOrElse(
                            id -> add(FactName.DEVICE_TYPE, id, device.resolve("device")),
                            () -> unknown.add(
                                    "device-type: " + tree.named(device.resolve("device")) + " does not tell"));
        }

        /** The file shows what was accepted; Linux accepts all three where they are offered, but for a balloon. */
        private void features() {
            Path file = device.resolve("features");
            String bits = tree.text(file).orElse("");
            boolean driven = Files.exists(device.resolve("driver"));
            if (!driven || !bits.matches("[01]{37,}")) {
                unknown.add(
                        driven
                                ? "features: %s is no line of bits".formatted(tree.named(file))
                                : "features: no driver has negotiated any");
                return;
            }
            for (ReservedFeature feature : ReservedFeature.values()) {
                boolean set = bits.charAt(feature.bit()) == '1';
                if (!set && feature == ReservedFeature.ACCESS_PLATFORM && isBalloon()) {
                    unknown.add("access-platform: Linux accepts it for no balloon, offered or not");
                } else {
                    facts.add(new FoundFact(
                            feature.fact(),
                            set ? "offered" : "absent",
                            "%s bit %d%s"
                                    .formatted(
                                            tree.named(file),
                                            feature.bit(),
                                            set
                                                    ? ""
                                                    : ": accepted features, and Linux accepts this one when offered")));
                }
            }
        }

        private boolean isBalloon() {
            return facts.stream()
                    .anyMatch(fact ->
                            fact.name() == FactName.DEVICE_TYPE && fact.value().equals(BALLOON));
        }

        private boolean versionOne() {
            return facts.stream()
                    .anyMatch(fact ->
                            fact.name() == FactName.VERSION_1 && fact.value().equals("offered"));
        }

        private boolean featuresKnown() {
            return facts.stream().anyMatch(fact -> fact.name() == FactName.VERSION_1);
        }

        private void transport() {
            String bus = tree.target(parent.resolve("subsystem"))
                    .map(path -> path.getFileName().toString())
                    .orElse("");
            switch (bus) {
                case "pci" -> pci();
                case "ccw" -> add(FactName.TRANSPORT, "ccw", parent.resolve("subsystem"));
                case "platform" -> {
                    if (featuresKnown()) {
                        facts.add(new FoundFact(
                                FactName.TRANSPORT,
                                versionOne() ? "modern-mmio" : "legacy-mmio",
                                tree.named(parent.resolve("subsystem")) + " is platform, and VERSION_1"));
                    } else {
                        unknown.add("transport: MMIO, and without features its version is not shown");
                    }
                }
                default ->
                    unknown.add("transport: %s is on the bus \"%s\""
                            .formatted(tree.named(parent), bus.isEmpty() ? "none" : bus));
            }
        }

        private void pci() {
            Optional<String> vendor = hex(parent.resolve("vendor"));
            Optional<String> id = hex(parent.resolve("device"));
            if (vendor.isEmpty() || id.isEmpty()) {
                unknown.add("transport: PCI, without its ids");
                return;
            }
            facts.add(new FoundFact(
                    FactName.PCI_ID, vendor.get() + ":" + id.get(), tree.named(parent) + "/vendor and /device"));
            if (Integer.parseInt(id.get(), 16) >= FIRST_MODERN_ID) {
                add(FactName.TRANSPORT, "modern-pci", parent.resolve("device"));
            } else if (featuresKnown()) {
                facts.add(new FoundFact(
                        FactName.TRANSPORT,
                        versionOne() ? "transitional-pci" : "legacy-pci",
                        tree.named(parent.resolve("device")) + " is a transitional id, and VERSION_1"));
            } else {
                unknown.add("transport: transitional PCI, and without features its interface is not shown");
            }
            tree.text(parent.resolve("removable"))
                    .filter("removable"::equals)
                    .ifPresent(_ -> add(FactName.PORT, "external-facing", parent.resolve("removable")));
        }

        private void mask() {
            Path file = parent.resolve("dma_mask_bits");
            tree.text(file)
                    .filter(FactName.ADDRESS_BITS.domain()::has)
                    .ifPresentOrElse(
                            bits -> add(FactName.ADDRESS_BITS, bits, file),
                            () -> unknown.add("address-bits: no dma_mask_bits at " + tree.named(parent)));
        }

        private void iommu() {
            Path group = parent.resolve("iommu_group");
            Optional<Path> found = tree.target(group);
            if (found.isEmpty()) {
                facts.add(new FoundFact(FactName.IOMMU_STATE, "none", tree.named(parent) + " has no iommu_group"));
                return;
            }
            Optional<Path> iommu = tree.target(parent.resolve("iommu"));
            String name = iommu.map(path -> path.getFileName().toString())
                    .orElseGet(() -> "group " + found.get().getFileName());
            add(FactName.IOMMU, name, iommu.isPresent() ? parent.resolve("iommu") : group);
            kind(name)
                    .ifPresentOrElse(
                            kind -> add(FactName.IOMMU_KIND, kind, parent.resolve("iommu")),
                            () -> unknown.add("iommu-kind: " + name + " is of no kind that facts know"));
            Path type = found.get().resolve("type");
            String mode = tree.text(type).orElse("");
            if (mode.equals("identity")) {
                add(FactName.IOMMU_STATE, "bypassed", type);
            } else {
                facts.add(new FoundFact(
                        FactName.IOMMU_STATE,
                        "up",
                        mode.isEmpty() ? tree.named(group) : "%s is %s".formatted(tree.named(type), mode)));
            }
        }

        private Optional<String> kind(String name) {
            if (name.startsWith("dmar")) {
                return Optional.of("intel");
            }
            if (name.startsWith("ivhd")) {
                return Optional.of("amd");
            }
            if (name.startsWith("smmu3")) {
                return Optional.of("smmuv3");
            }
            if (name.startsWith("virtio")) {
                return Optional.of("virtio-iommu");
            }
            return architecture.filter("power"::equals).map(_ -> "tce");
        }

        private Optional<String> number(Path file) {
            return tree.text(file)
                    .filter(text -> text.matches("0x[0-9a-f]{1,4}"))
                    .map(text -> Integer.toString(Integer.parseInt(text.substring(2), 16)));
        }

        private Optional<String> hex(Path file) {
            return tree.text(file).filter(text -> text.matches("0x[0-9a-f]{4}")).map(text -> text.substring(2));
        }
    }
}
