package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The classed inputs on which the two rules are compared: machines that exist, with one value for each class of what matters to either
 * rule. Strictness is {@code serve} throughout: Linux has no other.
 */
final class InputSpace {

    private static final List<String> OFFERS =
            List.of("version-1=offered", "version-1=offered;access-platform=offered");
    private static final List<String> ALL_OFFERS =
            joined(OFFERS, List.of("version-1=absent", "version-1=absent;access-platform=offered"));
    /** A legacy interface has 32 feature bits, so such a device offers none of the three. */
    private static final String NO_OFFER = "version-1=absent";

    private static final List<String> ORDER = List.of("", "order-platform=offered");
    private static final List<String> PCI = crossed(
            List.of("transport=modern-pci", "transport=modern-pci;port=external-facing"),
            ALL_OFFERS,
            List.of("transport=legacy-pci", "transport=legacy-pci;port=external-facing"));
    private static final List<String> MMIO =
            crossed(List.of("transport=modern-mmio"), ALL_OFFERS, List.of("transport=legacy-mmio"));
    private static final List<String> FEW_PCI = crossed(
            List.of("transport=modern-pci", "transport=modern-pci;port=external-facing"),
            OFFERS,
            List.of("transport=legacy-pci"));
    private static final List<String> FEW_OF_ARM =
            crossed(List.of("transport=modern-pci", "transport=modern-mmio"), OFFERS, List.of("transport=legacy-mmio"));
    /** The encryption bit is at 47. */
    private static final String SME = "protection=sme-host;window-address=0x800000000000;window-bits=48";

    private static final List<String> PROTECTIONS_OF_X86 = List.of(
            "protection=none",
            "protection=sev",
            "protection=sev-es",
            "protection=sev-snp",
            "protection=hyperv-vtom",
            "protection=hyperv-vbs",
            "protection=tdx",
            SME,
            "protection=pkvm-x86");
    private static final List<String> XEN_HVM = List.of(
            "xen=hvm",
            "xen=hvm;grants=spoken",
            "xen=hvm;xen-force-grant=yes",
            "xen=hvm;xen-force-grant=yes;grants=spoken",
            "xen=hvm;xen-initial-domain=yes");
    private static final List<String> XEN_PV = List.of(
            "xen=pv",
            "xen=pv;grants=spoken",
            "xen=pv;xen-initial-domain=yes",
            "xen=pv;xen-initial-domain=yes;grants=spoken");
    private static final List<String> GUESTS_OF_ARM = List.of("protection=none", "protection=cca", "protection=pkvm");
    private static final List<String> XEN_OF_ARM = List.of(
            "xen=hvm", "xen=hvm;xen-force-grant=yes", "xen=hvm;grants=spoken", "xen=hvm;xen-initial-domain=yes");
    private static final List<String> XEN_NODES_OF_ARM =
            List.of("xen=hvm;iommu-node=xen,grant-dma", "xen=hvm;iommu-node=xen,grant-dma;grants=spoken");
    private static final List<String> IOMMUS_OF_X86 = List.of(
            "",
            iommu("intel", "no-driver"),
            iommu("intel", "up"),
            iommu("intel", "bypassed"),
            iommu("amd", "not-up"),
            iommu("amd", "up"),
            iommu("virtio-iommu", "no-driver"),
            iommu("virtio-iommu", "no-driver") + ";boot-bypass=on",
            iommu("virtio-iommu", "not-up"),
            iommu("virtio-iommu", "up"),
            iommu("virtio-iommu", "bypassed"));
    private static final List<String> IOMMUS_OF_ARM = List.of(
            "",
            iommu("smmuv3", "no-driver"),
            iommu("smmuv3", "not-up"),
            iommu("smmuv3", "up"),
            iommu("smmuv3", "bypassed"),
            iommu("virtio-iommu", "up"));
    private static final String NOT_REACHABLE = "bus-bits=30;ram-base=0x40000000";
    private static final List<String> ADDRESSES = List.of("address-bits=32", "bus-bits=32", NOT_REACHABLE);
    private static final List<String> REGIONS =
            List.of("", "memory-region=restricted-dma-pool", "memory-region=shared-dma-pool");
    private static final List<String> BY_DEVICE_TREE = product(REGIONS, List.of("", "snooped=no"));
    private static final List<String> BY_ACPI =
            List.of("acpi-cca=1", "acpi-cca=1;snooped=no", "acpi-cca=0", "acpi-cca=missing");
    /** One range that moves all of RAM, one that holds a part of it, two with a gap, one out of the bus's reach. */
    private static final List<String> RANGES = List.of(
            "ram-base=0x40000000;ram-bits=32;dma-ranges=0x40000000+0xc0000000=0x0",
            "ram-base=0x40000000;ram-bits=40;dma-ranges=0x40000000+0xc0000000=0x0",
            "ram-base=0x0;ram-bits=32;dma-ranges=0x0+0x100000000=0x0",
            "ram-base=0x0;ram-bits=34;dma-ranges=0x0+0x40000000=0x40000000 0x100000000+0x100000000=0x100000000",
            "ram-base=0x0;ram-bits=32;bus-bits=32;dma-ranges=0x0+0x100000000=0x100000000");

    private static final List<String> SWIOTLB = List.of("", "swiotlb=force", "swiotlb=noforce");

    private InputSpace() {}

    private static String iommu(String kind, String state) {
        return "iommu=%s at 00:02.0;iommu-kind=%s;iommu-state=%s".formatted(kind, kind, state);
    }

    /** One input. */
    record Input(String words, FactSheet sheet) {

        /** The facts by name that the words give, in order of their names. */
        Map<FactName, String> given() {
            Map<FactName, String> given = new TreeMap<>();
            sheet.known().forEach((name, fact) -> given.put(name, fact.value()));
            return given;
        }
    }

    /** All inputs, none twice. */
    static List<Input> inputs() {
        Set<FactSheet> seen = new HashSet<>();
        return joined(x86(), arm(), power(), others(), switches(), devices()).stream()
                .map(words -> new Input(words, Sheets.of(words)))
                .filter(input -> seen.add(input.sheet()))
                .toList();
    }

    private static List<String> x86() {
        List<String> x86 = List.of("architecture=x86");
        return joined(
                product(x86, PROTECTIONS_OF_X86, IOMMUS_OF_X86, joined(PCI, MMIO)),
                product(
                        x86,
                        PROTECTIONS_OF_X86,
                        List.of("", iommu("intel", "no-driver"), iommu("intel", "up"), iommu("intel", "bypassed")),
                        ADDRESSES,
                        FEW_PCI),
                product(
                        x86,
                        XEN_HVM,
                        List.of("", iommu("intel", "up"), iommu("intel", "bypassed")),
                        joined(List.of(""), ADDRESSES),
                        FEW_PCI),
                product(x86, XEN_PV, joined(List.of(""), ADDRESSES), FEW_PCI));
    }

    private static List<String> arm() {
        List<String> arm = List.of("architecture=arm");
        List<String> described = joined(BY_DEVICE_TREE, BY_ACPI);
        return joined(
                product(arm, GUESTS_OF_ARM, IOMMUS_OF_ARM, described, FEW_OF_ARM),
                product(arm, XEN_OF_ARM, described, FEW_OF_ARM),
                product(arm, XEN_NODES_OF_ARM, BY_DEVICE_TREE, FEW_OF_ARM),
                product(
                        arm,
                        joined(GUESTS_OF_ARM, XEN_OF_ARM, XEN_NODES_OF_ARM),
                        joined(ADDRESSES, List.of("offset=0x100000000"), RANGES),
                        FEW_OF_ARM));
    }

    private static List<String> power() {
        List<String> power = List.of("architecture=power");
        List<String> windows = List.of(
                "",
                iommu("tce", "up"),
                iommu("tce", "up") + ";ddw=disabled",
                iommu("tce", "up") + ";ddw=partial;window-address=0x800000000000000",
                iommu("tce", "up") + ";ddw=direct;window-address=0x800000000000000;window-bits=60",
                iommu("tce", "up") + ";ddw=direct;window-address=0x800000000000000;window-bits=60;pmemory=yes",
                "iommu=u3-dart;iommu-kind=dart;iommu-state=up",
                "iommu=u4-dart;iommu-kind=dart-u4;iommu-state=up");
        List<String> transports = crossed(
                List.of("transport=modern-pci", "transport=transitional-pci"), OFFERS, List.of("transport=legacy-pci"));
        return joined(
                product(
                        power,
                        List.of("protection=none", "protection=pseries-svm"),
                        windows,
                        List.of("", "address-bits=32", "address-bits=40"),
                        transports),
                product(
                        power,
                        List.of("soc=fsl-pci", "soc=fsl-pci;window-address=0x10000000000;window-bits=41"),
                        List.of("", "address-bits=32", "bus-bits=32"),
                        transports));
    }

    private static List<String> others() {
        List<String> transports = crossed(List.of("transport=modern-pci"), OFFERS, List.of("transport=legacy-pci"));
        return joined(
                product(
                        List.of("architecture=s390;transport=ccw"),
                        List.of("protection=none", "protection=s390-pv"),
                        SWIOTLB,
                        List.of("", "snooped=no"),
                        ALL_OFFERS,
                        ORDER),
                product(
                        List.of("architecture=riscv"),
                        List.of("", iommu("virtio-iommu", "up"), iommu("virtio-iommu", "not-up")),
                        joined(BY_DEVICE_TREE, BY_ACPI),
                        List.of("", "bus-bits=32"),
                        FEW_OF_ARM),
                product(
                        List.of("architecture=sparc"),
                        List.of("", "iommu=sun4v;iommu-kind=dvma;iommu-state=up"),
                        List.of("", "address-bits=32"),
                        transports),
                product(
                        List.of("architecture=mips"),
                        List.of("soc=none", "soc=octeon-gen1", "soc=octeon-gen2", "soc=octeon-big"),
                        List.of("", "address-bits=32", "ram-bits=32"),
                        transports));
    }

    /** What an administrator or a firmware can switch, on one machine of each kind. */
    private static List<String> switches() {
        List<String> machines = List.of(
                "architecture=x86",
                "architecture=x86;protection=sev",
                "architecture=x86;protection=tdx",
                "architecture=x86;" + SME,
                "architecture=x86;xen=hvm",
                "architecture=x86;xen=pv;xen-initial-domain=yes",
                "architecture=arm",
                "architecture=arm;protection=cca",
                "architecture=arm;protection=pkvm;memory-region=restricted-dma-pool",
                "architecture=power;protection=pseries-svm",
                "architecture=power",
                "architecture=riscv",
                "architecture=sparc",
                "architecture=mips");
        List<String> virtioIommu = List.of("", iommu("virtio-iommu", "up"), iommu("virtio-iommu", "bypassed"));
        return joined(
                product(machines, SWIOTLB, List.of("", "bus-bits=32", "bus-bits=40", "ram-bits=31"), OFFERS),
                product(List.of("architecture=x86", "architecture=x86;protection=sev"), SWIOTLB, virtioIommu, OFFERS),
                product(machines, List.of("dma=forbidden"), OFFERS),
                product(
                        machines,
                        List.of("", "snooped=no"),
                        List.of("", "no-snoop=issued;no-snoop-honoured=yes"),
                        OFFERS),
                product(
                        List.of("architecture=x86", "architecture=arm"),
                        List.of(iommu("virtio-iommu", "up")),
                        List.of("", "snooped=no"),
                        List.of(
                                "no-snoop=issued;no-snoop-honoured=yes",
                                "no-snoop=issued;no-snoop-honoured=yes;no-snoop-through-iommu=passes"),
                        OFFERS),
                product(
                        List.of("architecture=x86", "architecture=x86;protection=sev", "architecture=arm"),
                        List.of("buffers=whole-pages"),
                        List.of("port=internal", "port=external-facing"),
                        virtioIommu,
                        OFFERS));
    }

    private static List<String> devices() {
        List<String> guests = joined(
                product(List.of("architecture=x86"), joined(PROTECTIONS_OF_X86, XEN_HVM, XEN_PV)),
                product(List.of("architecture=arm"), joined(GUESTS_OF_ARM, XEN_OF_ARM, XEN_NODES_OF_ARM)),
                List.of("architecture=power;protection=pseries-svm"));
        return product(
                guests,
                List.of("", "device-type=5"),
                List.of("", "needs-access-platform=yes"),
                crossed(
                        List.of("transport=modern-pci", "transport=transitional-pci"),
                        product(OFFERS, ORDER),
                        List.of("transport=legacy-pci")));
    }

    /** Modern interfaces with each of the offers, and legacy ones, which have none. */
    private static List<String> crossed(List<String> modern, List<String> offers, List<String> legacy) {
        return joined(product(modern, offers), product(legacy, List.of(NO_OFFER)));
    }

    @SafeVarargs
    private static List<String> joined(List<String>... lists) {
        List<String> all = new ArrayList<>();
        for (List<String> list : lists) {
            all.addAll(list);
        }
        return all;
    }

    @SafeVarargs
    private static List<String> product(List<String>... axes) {
        List<String> all = List.of("");
        for (List<String> axis : axes) {
            List<String> longer = new ArrayList<>();
            for (String start : all) {
                for (String word : axis) {
                    longer.add(start.isEmpty() || word.isEmpty() ? start + word : start + ";" + word);
                }
            }
            all = longer;
        }
        return all;
    }
}
