package dev.postern.boot;

import dev.postern.bus.pci.PciFunction;
import dev.postern.facts.Fact;
import dev.postern.machine.Channel;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.XenGuest;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.decision.DeviceFacts;
import dev.postern.quirks.decision.PlatformFacts;
import dev.postern.quirks.decision.Presets;
import dev.postern.quirks.decision.ReservedFeature;
import dev.postern.quirks.decision.Strictness;
import dev.postern.topology.DevicePath;
import dev.postern.topology.DmaRange;
import dev.postern.virtio.FeatureSet;
import java.util.List;
import java.util.stream.Collectors;

/** What the guest found out by itself, as facts for the decision, each with the place where it was read. */
final class FoundFacts {

    /** virtio-pci: ids below this one are of transitional devices (transport-pci:37). */
    private static final int FIRST_MODERN_ID = 0x1040;

    private FoundFacts() {}

    /** What surrounds every device. */
    static PlatformFacts platform(DetectedPlatform platform, PhysicalMemory ram, Strictness strictness) {
        List<RamRegion> regions = ram.regions();
        long lastPa = regions.getLast().endPa() - 1;
        return withHypervisor(Presets.of(platform), platform)
                .withStrictness(Fact.of(strictness, "boot option"))
                .with(
                        FactName.RAM_BASE,
                        Fact.of("0x%x".formatted(regions.getFirst().basePa()), "memory map"))
                .with(
                        FactName.RAM_BITS,
                        Fact.of(Integer.toString(64 - Long.numberOfLeadingZeros(lastPa)), "memory map"));
    }

    private static PlatformFacts withHypervisor(PlatformFacts facts, DetectedPlatform platform) {
        PlatformFacts known = facts;
        if (platform.hypervisor().isPresent()) {
            known = known.with(FactName.HYPERVISOR, platform.hypervisor().get());
        }
        if (platform.architecture().isPresent()) {
            known = known.with(
                    FactName.ARCHITECTURE, platform.architecture().get().map(FoundFacts::word));
        }
        Fact<XenGuest> xen = platform.xen();
        return switch (xen.value()) {
            case NONE -> known;
            // Where there is a signature, a row draws that conclusion from it.
            case HVM ->
                known.more().is(FactName.ARCHITECTURE, "x86") ? known : known.with(FactName.XEN, xen.map(_ -> "hvm"));
            case PV -> known.with(FactName.XEN, xen.map(_ -> "pv"));
            case PV_FIRST_DOMAIN ->
                known.with(FactName.XEN, xen.map(_ -> "pv")).with(FactName.XEN_INITIAL_DOMAIN, xen.map(_ -> "yes"));
        };
    }

    private static String word(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> "x86";
            case PPC64 -> "power";
            case AARCH64 -> "arm";
            case RISCV64 -> "riscv";
            case S390X -> "s390";
        };
    }

    /** What is known about one function before its features are negotiated. */
    static DeviceFacts device(String name, FeatureSet offered, PciFunction function, int typeId, DevicePath path) {
        String where = "pci " + function.address();
        FactSheet more = withPath(FactSheet.EMPTY, path)
                .with(FactName.DEVICE_TYPE, Fact.of(Integer.toString(typeId), where))
                .with(FactName.PCI_ID, Fact.of("%04x:%04x".formatted(function.vendorId(), function.deviceId()), where))
                .with(
                        FactName.TRANSPORT,
                        Fact.of(
                                function.deviceId() < FIRST_MODERN_ID ? "transitional-pci" : "modern-pci",
                                "device id at " + where));
        return new DeviceFacts(
                name,
                Fact.of(ReservedFeature.in(offered.low()), "device features of " + where),
                Fact.of(64, "modern virtio PCI: 64-bit addresses"),
                more);
    }

    /**
     * What is known about a device behind a channel before its features are negotiated.
     *
     * @param answersRequests whether its back-end can make requests and have them answered
     */
    static DeviceFacts device(String name, FeatureSet offered, Channel channel, boolean answersRequests) {
        String where = channel.name();
        FactSheet more = FactSheet.EMPTY
                .with(FactName.DEVICE_TYPE, Fact.of(Integer.toString(channel.deviceKind()), where))
                .with(FactName.MACHINE, Fact.of("vhost-user", where))
                .with(FactName.TRANSPORT, Fact.of("vhost-user", where))
                .with(FactName.BACKEND, Fact.of("vhost-user", where))
                .with(
                        FactName.BACKEND_REQUESTS,
                        Fact.of(answersRequests ? "present" : "absent", "protocol features of " + where));
        return new DeviceFacts(
                name,
                Fact.of(ReservedFeature.in(offered.low()), "device features of " + where),
                Fact.of(64, "vhost-user: 64-bit addresses"),
                more);
    }

    private static FactSheet withPath(FactSheet known, DevicePath path) {
        FactSheet sheet = known;
        if (path.dmaRanges().isPresent()) {
            sheet = sheet.with(FactName.DMA_RANGES, path.dmaRanges().get().map(FoundFacts::words));
        }
        if (path.snooped().isPresent()) {
            sheet = sheet.with(FactName.SNOOPED, path.snooped().get().map(snooped -> snooped ? "yes" : "no"));
        }
        if (path.restrictedPool().isPresent()) {
            sheet = sheet.with(
                    FactName.MEMORY_REGION, path.restrictedPool().get().map(_ -> "restricted-dma-pool"));
        }
        if (path.iommuNode().isPresent()) {
            sheet = sheet.with(FactName.IOMMU_NODE, path.iommuNode().get());
        }
        if (path.port().isPresent()) {
            sheet = sheet.with(FactName.PORT, path.port().get().map(port -> switch (port) {
                case INTERNAL -> "internal";
                case EXTERNAL_FACING -> "external-facing";
            }));
        }
        return sheet;
    }

    private static String words(List<DmaRange> ranges) {
        return ranges.stream()
                .map(range -> "0x%x+0x%x=0x%x".formatted(range.pa(), range.size(), range.busAddress()))
                .collect(Collectors.joining(" "));
    }
}
