package dev.postern.platform;

import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.DeviceTreeNode;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.CpuFacts.Cpuid;
import dev.postern.machine.Machine;
import dev.postern.memory.PhysicalMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out which hypervisor is beneath, and whether it is Xen.
 *
 * <p>On x86-64 a hypervisor shows its signature at CPUID leaf 0x40000000, and one that imitates another moves its own up in steps of
 * 0x100: so the highest counts (Linux, arch/x86/include/asm/cpuid, hypervisor_cpuid_base; arch/x86/kernel/cpu/hypervisor.c,
 * detect_hypervisor_vendor; arch/x86/include/asm/xen/hypervisor.h, xen_cpuid_base, which wants two leaves behind the first;
 * xen/include/public/arch-x86/cpuid.h). Elsewhere the device tree has a node {@code /hypervisor} (Linux, arch/arm/xen/enlighten.c,
 * fdt_find_hyper_node; xen/docs/misc/arm/device-tree/guest.txt). A paravirtualised guest knows by the way it was started.
 */
final class HypervisorDetection {

    private static final int FIRST_LEAF = 0x40000000;
    private static final int LAST_LEAF = 0x4000ff00;
    private static final int STEP = 0x100;
    private static final String XEN = "XenVMMXenVMM";
    private static final int XEN_LEAVES = 2;
    private static final String NODE = "/hypervisor";
    private static final String XEN_NODE = "xen,xen";

    private final Machine machine;
    private final Optional<DeviceTree> tree;
    private final List<Fact<String>> trace;

    /**
     * What was found.
     *
     * @param xen which kind of Xen guest
     * @param name what the hypervisor calls itself, if anything does
     */
    record Found(Fact<XenGuest> xen, Optional<Fact<String>> name) {}

    private HypervisorDetection(Machine machine, Optional<DeviceTree> tree, List<Fact<String>> trace) {
        this.machine = machine;
        this.tree = tree;
        this.trace = trace;
    }

    /**
     * Looks.
     *
     * @param trace gets a line for each signature
     * @throws UnknownPlatformException when Xen's boot protocol hands over what cannot be
     */
    static Found detect(Machine machine, Optional<DeviceTree> tree, List<Fact<String>> trace)
            throws UnknownPlatformException {
        return new HypervisorDetection(machine, tree, trace).detect();
    }

    private Found detect() throws UnknownPlatformException {
        Map<String, Fact<String>> signatures = signatures();
        Optional<Fact<String>> node = node();
        Optional<Fact<String>> name = Optional.ofNullable(signatures.get(XEN))
                .or(() -> signatures.values().stream().reduce((lower, higher) -> higher))
                .or(() -> node);
        Optional<Fact<XenGuest>> started = startInfo();
        Fact<XenGuest> xen = started.orElseGet(() -> Optional.ofNullable(signatures.get(XEN))
                .map(Fact::source)
                .or(() -> xenNode().map(found -> "device tree, compatible of " + found))
                .map(source -> Fact.of(XenGuest.HVM, source))
                .orElseGet(() -> Fact.of(XenGuest.NONE, nobodySaysXen())));
        // What is not there is nothing to tell: on most machines there is no Xen.
        if (xen.value() != XenGuest.NONE) {
            trace.add(Fact.of("a guest of Xen: " + xen.value(), xen.source()));
        }
        return new Found(xen, name);
    }

    /** In ascending order of leaf; each only where it is first, since leaves that do not exist may repeat others. */
    private Map<String, Fact<String>> signatures() {
        Map<String, Fact<String>> found = new LinkedHashMap<>();
        Optional<CpuFacts> cpu = x86();
        if (cpu.isEmpty()) {
            return found;
        }
        for (int leaf = FIRST_LEAF; leaf <= LAST_LEAF; leaf += STEP) {
            Cpuid answer = cpu.get().cpuid(leaf, 0);
            String signature =
                    CpuSignature.of(answer.ebx(), answer.ecx(), answer.edx()).replaceFirst("\0+$", "");
            boolean printable = signature.matches("[ -~]+");
            boolean enough = !signature.equals(XEN) || Integer.compareUnsigned(answer.eax() - leaf, XEN_LEAVES) >= 0;
            if (printable && enough && !found.containsKey(signature)) {
                Fact<String> fact = Fact.of(signature, "CPUID 0x%x EBX, ECX, EDX".formatted(leaf));
                found.put(signature, fact);
                trace.add(Fact.of("a hypervisor that calls itself " + signature, fact.source()));
            }
        }
        return found;
    }

    private Optional<CpuFacts> x86() {
        return machine.cpuFacts().filter(cpu -> cpu.architecture() == Architecture.X86_64);
    }

    private Optional<Fact<String>> node() {
        Optional<Fact<String>> found = tree.flatMap(read -> read.node(NODE))
                .flatMap(node -> node.property("compatible"))
                .map(compatible -> Fact.of(compatible.strings().getFirst(), "device tree, compatible of " + NODE));
        found.ifPresent(fact -> trace.add(Fact.of("a hypervisor that calls itself " + fact.value(), fact.source())));
        return found;
    }

    private Optional<DeviceTreeNode> xenNode() {
        return tree.flatMap(read -> read.node(NODE)).filter(node -> node.isCompatible(XEN_NODE));
    }

    private Optional<Fact<XenGuest>> startInfo() throws UnknownPlatformException {
        if (machine.xenStartInfoPa().isEmpty()) {
            return Optional.empty();
        }
        Optional<Architecture> architecture = machine.cpuFacts().map(CpuFacts::architecture);
        if (architecture.isPresent() && architecture.get() != Architecture.X86_64) {
            throw new UnknownPlatformException(
                    "Xen's boot protocol for paravirtualised guests was used on %s: only x86-64 has such guests; start it as an ordinary one"
                            .formatted(architecture.get()));
        }
        XenStartInfo info = XenStartInfo.read(
                new PhysicalMemory(machine.ram()), machine.xenStartInfoPa().getAsLong());
        return Optional.of(Fact.of(
                info.firstDomain() ? XenGuest.PV_FIRST_DOMAIN : XenGuest.PV,
                "start_info at 0x%x, flags 0x%x".formatted(info.pa(), info.flags())));
    }

    private String nobodySaysXen() {
        String cpu = x86().isPresent() ? "CPUID 0x40000000 to 0x4000ff00" : "no x86 CPU facts";
        return cpu + (tree.isPresent() ? ", device tree" : ", no device tree") + ", no start_info";
    }
}
