package dev.postern.cli.record;

import dev.postern.quirks.FactName;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what surrounds every device. */
final class PlatformFinder {

    private static final String CPUINFO = "/proc/cpuinfo";
    private static final String TREE = "/sys/firmware/devicetree/base";
    private static final Pattern RAM = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) : System RAM$", Pattern.MULTILINE);

    private final SystemTree tree;
    private final String cpus;
    private final List<FoundFact> facts = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();
    private final Optional<String> architecture;

    PlatformFinder(SystemTree tree) {
        this.tree = tree;
        cpus = tree.text(CPUINFO).orElse("");
        architecture = ArchitectureOf.cpus(cpus);
    }

    /** The word for the processor architecture; empty when nothing tells it. */
    Optional<String> architecture() {
        return architecture;
    }

    /** What could not be known; complete once {@link #facts} was called. */
    List<String> unknown() {
        return unknown;
    }

    /** Looks everywhere. */
    List<FoundFact> facts() {
        architecture.ifPresentOrElse(
                word -> add(FactName.ARCHITECTURE, word, CPUINFO),
                () -> unknown.add("architecture: " + CPUINFO + " does not tell"));
        machine();
        hypervisor();
        protection();
        commandLine();
        ram();
        return List.copyOf(facts);
    }

    private void add(FactName name, String value, String source) {
        facts.add(new FoundFact(name, value, source));
    }

    private boolean is(String word) {
        return architecture.filter(word::equals).isPresent();
    }

    private void machine() {
        tree.text("/sys/class/dmi/id/product_name")
                .filter(product -> !product.isEmpty())
                .ifPresent(product -> add(
                        FactName.DMI_PRODUCT,
                        product.lines().findFirst().orElse(""),
                        "/sys/class/dmi/id/product_name"));
        boolean qemu =
                tree.text("/sys/class/dmi/id/sys_vendor").filter("QEMU"::equals).isPresent();
        if (qemu) {
            add(FactName.MACHINE, "qemu", "/sys/class/dmi/id/sys_vendor");
        } else if (cpus.contains("emulated by qemu")) {
            add(FactName.MACHINE, "qemu", CPUINFO + " model");
        }
    }

    private void hypervisor() {
        boolean xen = tree.text("/sys/hypervisor/type").filter("xen"::equals).isPresent();
        Optional<String> node = tree.text(TREE + "/hypervisor/compatible").map(text -> text.split("\\x00")[0]);
        boolean microsoft = tree.text("/sys/class/dmi/id/sys_vendor")
                        .filter("Microsoft Corporation"::equals)
                        .isPresent()
                && tree.text("/sys/class/dmi/id/product_name")
                        .filter("Virtual Machine"::equals)
                        .isPresent();
        if (xen && is("x86")) {
            add(FactName.HYPERVISOR, "XenVMMXenVMM", "/sys/hypervisor/type is xen");
        } else if (node.isPresent()) {
            add(FactName.HYPERVISOR, node.get(), TREE + "/hypervisor/compatible");
        } else if (microsoft) {
            add(FactName.HYPERVISOR, "Microsoft Hv", "inferred from /sys/class/dmi/id");
        } else if (cpus.contains("emulated by qemu")) {
            add(FactName.HYPERVISOR, "qemu", CPUINFO + " model");
        } else if (ArchitectureOf.flags(cpus).contains("hypervisor")) {
            unknown.add(
                    "hypervisor: there is one by the flags of " + CPUINFO + ", and its CPUID signature is not shown");
        } else {
            unknown.add("hypervisor: nothing tells of one");
        }
        if (xen) {
            xen();
        }
    }

    private void xen() {
        String type = tree.text("/sys/hypervisor/guest_type").orElse("");
        if (type.isEmpty()) {
            unknown.add("xen: /sys/hypervisor/guest_type does not tell the kind of guest");
            return;
        }
        add(FactName.XEN, type.equals("PV") ? "pv" : "hvm", "/sys/hypervisor/guest_type is " + type);
        boolean first = tree.text("/proc/xen/capabilities")
                .filter(text -> text.contains("control_d"))
                .isPresent();
        add(FactName.XEN_INITIAL_DOMAIN, first ? "yes" : "no", "/proc/xen/capabilities");
    }

    /** What the kernel creates on a protected guest only. SEV without SNP creates nothing. */
    private void protection() {
        Set<String> flags = ArchitectureOf.flags(cpus);
        if (is("x86") && flags.contains("tdx_guest")) {
            add(FactName.PROTECTION, "tdx", CPUINFO + " flags: tdx_guest");
        } else if (is("x86") && there("/sys/class/misc/tdx_guest")) {
            add(FactName.PROTECTION, "tdx", "/sys/class/misc/tdx_guest");
        } else if (is("x86") && there("/sys/devices/system/cpu/sev/vmpl")) {
            add(FactName.PROTECTION, "sev-snp", "/sys/devices/system/cpu/sev/vmpl");
        } else if (is("x86") && there("/sys/class/misc/sev-guest")) {
            add(FactName.PROTECTION, "sev-snp", "/sys/class/misc/sev-guest");
        } else if (is("s390") && one("/sys/firmware/uv/prot_virt_guest")) {
            add(FactName.PROTECTION, "s390-pv", "/sys/firmware/uv/prot_virt_guest");
        } else if (is("power") && one("/sys/devices/system/cpu/svm")) {
            add(FactName.PROTECTION, "pseries-svm", "/sys/devices/system/cpu/svm");
        } else if (is("arm") && there("/sys/devices/platform/arm-cca-dev")) {
            add(FactName.PROTECTION, "cca", "/sys/devices/platform/arm-cca-dev");
        } else if (is("x86")) {
            unknown.add(
                    "protection: no sign of TDX or SEV-SNP; SEV and SEV-ES show in CPUID, an MSR and the kernel's log"
                            + " only");
        } else if (is("arm")) {
            unknown.add("protection: no sign of CCA; pKVM shows in hypervisor calls only");
        } else if (is("s390") || is("power")) {
            add(FactName.PROTECTION, "none", "the kernel shows no protected guest in /sys");
        } else {
            unknown.add("protection: nothing tells of one");
        }
    }

    private boolean there(String path) {
        return Files.exists(tree.at(path));
    }

    private boolean one(String path) {
        return tree.text(path).filter("1"::equals).isPresent();
    }

    private void commandLine() {
        List<String> words = List.of(tree.text("/proc/cmdline").orElse("").split("\\s+"));
        String source = "/proc/cmdline";
        words.stream()
                .filter(word -> word.startsWith("swiotlb="))
                .map(word -> List.of(word.substring("swiotlb=".length()).split(",")))
                .reduce((_, last) -> last)
                .ifPresent(values -> {
                    if (values.contains("force")) {
                        add(FactName.SWIOTLB, "force", source);
                    } else if (values.contains("noforce")) {
                        add(FactName.SWIOTLB, "noforce", source);
                    }
                });
    }

    /** Root sees the addresses, others see zeros. */
    private void ram() {
        Matcher ranges = RAM.matcher(tree.text("/proc/iomem").orElse("").replaceAll("(?m)^\\s+.*$", ""));
        long first = -1;
        long last = 0;
        while (ranges.find()) {
            long from = Long.parseUnsignedLong(ranges.group(1), 16);
            first = first == -1 ? from : first;
            last = Long.parseUnsignedLong(ranges.group(2), 16);
        }
        if (last == 0) {
            unknown.add("where RAM is: /proc/iomem shows it to root only");
            return;
        }
        add(FactName.RAM_BASE, "0x" + Long.toHexString(first), "/proc/iomem");
        add(FactName.RAM_BITS, Integer.toString(64 - Long.numberOfLeadingZeros(last)), "/proc/iomem");
    }
}
