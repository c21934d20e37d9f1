package dev.postern.quirks;

import dev.postern.facts.Fact;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every fact that a quirk row can ask for or set, by the word that files use for it.
 *
 * <p>A fact has a value always: the one that was found, or the usual one. Facts are words and numbers so that rows, vectors and
 * recorded facts share one notation; {@code dev.postern.quirks.decision} turns those that rules need into types.
 */
public enum FactName {
    /** Whether the device offers VERSION_1. */
    VERSION_1("version-1", Role.OBSERVED, "offered", words("offered", "absent")),
    /** Whether the device offers ACCESS_PLATFORM, and the offer is to be relied on. */
    ACCESS_PLATFORM("access-platform", Role.SETTABLE, "absent", words("absent", "offered")),
    /** Whether the device offers ORDER_PLATFORM, and the offer is to be relied on. */
    ORDER_PLATFORM("order-platform", Role.SETTABLE, "absent", words("absent", "offered")),
    /** How many low address bits the device drives: its DMA mask. */
    ADDRESS_BITS("address-bits", Role.SETTABLE, "64", new Domain.Number(1L, 64L)),
    /** How many address bits the transport has for the address of a queue. */
    RING_BITS("ring-bits", Role.SETTABLE, "64", new Domain.Number(1L, 64L)),
    /** The interface that the device is driven through; transitional-pci is the modern interface of a transitional device. */
    TRANSPORT(
            "transport",
            Role.OBSERVED,
            "modern-pci",
            words("modern-pci", "transitional-pci", "legacy-pci", "modern-mmio", "legacy-mmio", "ccw", "vhost-user")),
    /** The virtio device id; 0 when it is of no interest. */
    DEVICE_TYPE("device-type", Role.OBSERVED, "0", new Domain.Number(0L, 255L)),
    /** PCI vendor and device in hexadecimal, such as 1af4:1042. */
    PCI_ID("pci-id", Role.OBSERVED, "", new Domain.Text()),
    /** Who is behind the device. */
    BACKEND(
            "backend",
            Role.OBSERVED,
            "software",
            words(
                    "software",
                    "firecracker",
                    "crosvm",
                    "cloud-hypervisor",
                    "openvmm",
                    "vhost",
                    "vhost-user",
                    "vhost-vdpa",
                    "vhost-kernel",
                    "vdpa-hardware",
                    "vdpa-eni",
                    "vduse",
                    "assigned")),
    /** Whether a vhost-user back-end can send requests of its own and have them answered. */
    BACKEND_REQUESTS("backend-requests", Role.OBSERVED, "present", words("present", "absent")),
    /** Whether the back-end follows an IOMMU's translations. */
    BACKEND_TRANSLATES("backend-translates", Role.SETTABLE, "yes", words("yes", "no")),
    /** Whether the device works only with ACCESS_PLATFORM accepted. */
    NEEDS_ACCESS_PLATFORM("needs-access-platform", Role.SETTABLE, "no", words("no", "yes")),
    /** The PCI port above the device: whoever plugs into an external one is not trusted. */
    PORT("port", Role.OBSERVED, "internal", words("internal", "external-facing")),
    /** Whether buffers share pages with other data. */
    BUFFERS("buffers", Role.OBSERVED, "parts-of-pages", words("parts-of-pages", "whole-pages")),
    /** Whether the device may cache translations itself. */
    ATS("ats", Role.SETTABLE, "allowed", words("allowed", "forbidden")),
    /** Whether the device caches translations itself. */
    ATS_STATE("ats-state", Role.OBSERVED, "on", words("on", "off")),
    /** Under which other requester id its accesses may arrive. */
    REQUESTER_ALIAS("requester-alias", Role.SETTABLE, "none", words("none", "function-0", "function-1", "fixed")),
    /** Whether the interconnect snoops the device's accesses. */
    SNOOPED("snooped", Role.SETTABLE, "yes", words("yes", "no")),
    /** Whether the device marks accesses as not to be snooped. */
    NO_SNOOP("no-snoop", Role.SETTABLE, "never", words("never", "issued")),
    /** Whether the IOMMU lets that mark through. */
    NO_SNOOP_THROUGH_IOMMU("no-snoop-through-iommu", Role.SETTABLE, "blocked", words("blocked", "passes")),
    /** Whether the platform honours that mark. */
    NO_SNOOP_HONOURED("no-snoop-honoured", Role.SETTABLE, "no", words("no", "yes")),
    /** The _CCA of the device or of its nearest ancestor that has one. */
    ACPI_CCA("acpi-cca", Role.OBSERVED, "no-acpi", words("no-acpi", "missing", "0", "1")),
    /** Whether the firmware describes a way for the device to memory. */
    DMA("dma", Role.SETTABLE, "possible", words("possible", "forbidden")),
    /** Whether the device needs barriers fit for hardware. */
    BARRIERS("barriers", Role.SETTABLE, "cpu", words("cpu", "device")),
    /** What the device's report of the bytes it wrote is worth. */
    USED_LENGTH("used-length", Role.SETTABLE, "clamp", words("clamp", "trusted", "ignore")),
    /** The longest single mapping in bytes; 0 for no limit. */
    MAX_MAPPING("max-mapping", Role.SETTABLE, "0", new Domain.Number(0L, 9223372036854775807L)),
    /** Whether requests carry addresses, and of which kind. */
    ADDRESSES_IN_REQUESTS("addresses-in-requests", Role.SETTABLE, "none", words("none", "as-rings", "guest-physical")),
    /** What the transport wants written before a queue's address. */
    SETUP_ORDER("setup-order", Role.SETTABLE, "any", words("any", "page-size-first")),
    /** The name of the preset that the facts started from. */
    PRESET("preset", Role.OBSERVED, "", new Domain.Text()),
    /** The guest's processor architecture. */
    ARCHITECTURE("architecture", Role.OBSERVED, "x86", words("x86", "arm", "power", "s390", "sparc", "mips", "riscv")),
    /** What supplies memory and devices. */
    MACHINE("machine", Role.OBSERVED, "emulated", words("emulated", "qemu", "vhost-user", "vfio")),
    /** The product name in the firmware's DMI table. */
    DMI_PRODUCT("dmi-product", Role.OBSERVED, "", new Domain.Text()),
    /** The signature of CPUID leaf 0x40000000, or a device tree's hypervisor node. */
    HYPERVISOR("hypervisor", Role.OBSERVED, "", new Domain.Text()),
    /** What keeps the guest's memory from its host, as detected. */
    PROTECTION(
            "protection",
            Role.OBSERVED,
            "none",
            words(
                    "none",
                    "sev",
                    "sev-es",
                    "sev-snp",
                    "hyperv-vtom",
                    "hyperv-vbs",
                    "tdx",
                    "sme-host",
                    "s390-pv",
                    "pseries-svm",
                    "cca",
                    "pkvm",
                    "pkvm-x86")),
    /** Which memory the platform lets the device reach. */
    REACH("reach", Role.SETTABLE, "all-of-ram", words("all-of-ram", "shared-pages-only", "restricted-pool")),
    /** How pages are shared, in a few words. */
    SHARING("sharing", Role.OBSERVED, "", new Domain.Text()),
    /** At which address a shared page is seen, beside its private one. */
    SHARED_ALIAS("shared-alias", Role.SETTABLE, "same", words("same", "top-bit", "boundary")),
    /** What Linux does in a secure guest with a device that does not offer ACCESS_PLATFORM. */
    LINUX_WITHOUT_ACCESS_PLATFORM(
            "linux-without-access-platform",
            Role.SETTABLE,
            "hands-out-private-addresses",
            words("hands-out-private-addresses", "refuses")),
    /** Whether the host may be hostile: then nothing it says is taken at its word. */
    HOST("host", Role.SETTABLE, "trusted", words("trusted", "untrusted")),
    /** The size of the pool in percent of RAM; 0 for the default. */
    POOL_PERCENT("pool-percent", Role.SETTABLE, "0", new Domain.Number(0L, 100L)),
    /** The smallest pool in MiB; 0 for no bound. */
    POOL_MIN_MIB("pool-min-mib", Role.SETTABLE, "0", new Domain.Number(0L, 1048576L)),
    /** The largest pool in MiB; 0 for no bound. */
    POOL_MAX_MIB("pool-max-mib", Role.SETTABLE, "0", new Domain.Number(0L, 1048576L)),
    /** The pool lies in memory of so many address bits. */
    POOL_BITS("pool-bits", Role.SETTABLE, "64", new Domain.Number(1L, 64L)),
    /** The compatible string of the device's memory-region in the device tree. */
    MEMORY_REGION("memory-region", Role.OBSERVED, "none", words("none", "restricted-dma-pool", "shared-dma-pool")),
    /** The swiotlb option of the kernel command line. */
    SWIOTLB("swiotlb", Role.OBSERVED, "default", words("default", "force", "noforce")),
    /** The kind of Xen guest. */
    XEN("xen", Role.SETTABLE, "none", words("none", "hvm", "pv")),
    /** Whether the guest is the first domain, which holds the devices itself. */
    XEN_INITIAL_DOMAIN("xen-initial-domain", Role.OBSERVED, "no", words("no", "yes")),
    /** Whether the guest was built to use grants for every virtio device. */
    XEN_FORCE_GRANT("xen-force-grant", Role.OBSERVED, "no", words("no", "yes")),
    /** The compatible string of the node that the device tree's iommus names. */
    IOMMU_NODE("iommu-node", Role.OBSERVED, "", new Domain.Text()),
    /** Whether the device's back-end speaks Xen grants. */
    GRANTS("grants", Role.SETTABLE, "none", words("none", "spoken")),
    /** What the IOMMU is called. */
    IOMMU("iommu", Role.OBSERVED, "", new Domain.Text()),
    /**
     * The kind of IOMMU that the tables put before the device; dart-u4 is a U4's DART before the U4's own PCI Express, dart any
     * other DART.
     */
    IOMMU_KIND(
            "iommu-kind",
            Role.OBSERVED,
            "none",
            words("none", "intel", "amd", "smmuv3", "virtio-iommu", "tce", "dart", "dart-u4", "dvma")),
    /** Whether an IOMMU stands before the device, and what it does. */
    IOMMU_STATE("iommu-state", Role.SETTABLE, "none", words("none", "no-driver", "not-up", "up", "bypassed")),
    /** Whether a virtio-iommu lets accesses through until an endpoint is attached. */
    BOOT_BYPASS("boot-bypass", Role.OBSERVED, "off", words("off", "on")),
    /** Whether a VT-d caches entries that are not present (CAP.CM). */
    CACHING_MODE("caching-mode", Role.OBSERVED, "on", words("on", "off")),
    /** Whether a new mapping must be announced to the IOMMU. */
    INVALIDATE_ON_MAP("invalidate-on-map", Role.SETTABLE, "no", words("no", "yes")),
    /** Whose cached translations an unmap must wait for. */
    UNMAP_INVALIDATES("unmap-invalidates", Role.SETTABLE, "iommu", words("iommu", "device-too")),
    /** Where message interrupts are written to. */
    MSI_CONTROLLER("msi-controller", Role.OBSERVED, "plain", words("plain", "gicv3-its")),
    /** The range that translated message interrupts need; software is 0x8000000 and 1 MiB from there. */
    MSI_WINDOW("msi-window", Role.SETTABLE, "described", words("described", "undescribed", "software")),
    /** Whether the doorbell must be mapped in the device's domain. */
    MSI_DOORBELL("msi-doorbell", Role.SETTABLE, "untouched", words("untouched", "mapped")),
    /** Whether firmware tables name regions that the device goes on using. */
    RESERVED_REGIONS("reserved-regions", Role.OBSERVED, "none", words("none", "described")),
    /** Whether such regions stay mapped to themselves. */
    IDENTITY_HOLES("identity-holes", Role.SETTABLE, "none", words("none", "kept")),
    /** How many address bits the IOMMU's window has. */
    IOVA_BITS("iova-bits", Role.SETTABLE, "64", new Domain.Number(1L, 64L)),
    /** Where addresses are looked for first. */
    IOVA_FIRST("iova-first", Role.SETTABLE, "anywhere", words("anywhere", "below-4g")),
    /** The dynamic 64-bit DMA window of a POWER partition: none, covering RAM, covering part of it, or switched off. */
    DDW("ddw", Role.OBSERVED, "none", words("none", "direct", "partial", "disabled")),
    /** Whether the partition has persistent memory, which the window does not cover. */
    PMEMORY("pmemory", Role.OBSERVED, "no", words("no", "yes")),
    /** A system on chip that places RAM elsewhere for PCI devices. */
    SOC("soc", Role.OBSERVED, "none", words("none", "fsl-pci", "octeon-gen1", "octeon-gen2", "octeon-big")),
    /** Where the platform says that RAM begins in the device's addresses. */
    WINDOW_ADDRESS("window-address", Role.OBSERVED, "0", new Domain.Number(0L, -1L)),
    /** How many address bits reach to the end of that window. */
    WINDOW_BITS("window-bits", Role.OBSERVED, "64", new Domain.Number(1L, 64L)),
    /** Added to every address, modulo 2^64. */
    OFFSET("offset", Role.SETTABLE, "0", new Domain.Number(0L, -1L)),
    /** Ranges of the device tree as cpu+size=bus, separated by blanks; empty for none. */
    DMA_RANGES("dma-ranges", Role.SETTABLE, "", new Domain.Ranges()),
    /** How many address bits the bus above the device carries. */
    BUS_BITS("bus-bits", Role.SETTABLE, "64", new Domain.Number(1L, 64L)),
    /** The first address of RAM. */
    RAM_BASE("ram-base", Role.OBSERVED, "0", new Domain.Number(0L, -1L)),
    /** How many bits the last address of RAM needs. */
    RAM_BITS("ram-bits", Role.SETTABLE, "40", new Domain.Number(1L, 64L)),
    /** Whom the guest's fences order accesses against. */
    FENCES("fences", Role.SETTABLE, "cpus-and-devices", words("cpus-and-devices", "cpus-only")),
    /** Whether what is not as it should be is served all the same. */
    STRICTNESS("strictness", Role.OBSERVED, "serve", words("serve", "refuse")),
    /** Whether user space may choose its virtual addresses as IOVAs. */
    VFIO_IOVA("vfio-iova", Role.SETTABLE, "virtual", words("virtual", "physical"));

    /** Whether rows may set a fact. */
    enum Role {
        /** Rows ask for it only: it is what was found. */
        OBSERVED,
        /** Rows may correct it. */
        SETTABLE
    }

    private static final List<FactName> ALL = List.of(values());
    private static final Map<String, FactName> BY_WORD =
            ALL.stream().collect(Collectors.toUnmodifiableMap(FactName::word, Function.identity()));

    private final String word;
    private final Role role;
    private final String usual;
    private final Domain domain;
    private final Fact<String> unknown;

    FactName(String word, Role role, String usual, Domain domain) {
        this.word = word;
        this.role = role;
        this.usual = usual;
        this.domain = domain;
        this.unknown = Fact.of(usual, "usual");
    }

    private static Domain words(String... words) {
        return new Domain.Words(List.of(words));
    }

    /** The fact that files call so; empty when there is none. */
    public static Optional<FactName> named(String word) {
        return Optional.ofNullable(BY_WORD.get(word));
    }

    /** All names in files, in order. */
    public static List<String> words() {
        return ALL.stream().map(FactName::word).toList();
    }

    /** The known name that is most like a word, for a message about a slip of the pen. */
    public static String nearest(String word) {
        return Likeness.nearest(word, words());
    }

    /** What files call it, such as {@code address-bits}. */
    public String word() {
        return word;
    }

    /** The values it can have. */
    public Domain domain() {
        return domain;
    }

    /** The value it has when nothing else is known. */
    public String usual() {
        return usual;
    }

    /** The usual value as a fact. */
    Fact<String> unknown() {
        return unknown;
    }

    /** Whether rows may set it. */
    public boolean settable() {
        return role == Role.SETTABLE;
    }

    @Override
    public String toString() {
        return word;
    }
}
