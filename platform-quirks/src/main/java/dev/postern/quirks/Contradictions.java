package dev.postern.quirks;

import static dev.postern.quirks.FactName.ACCESS_PLATFORM;
import static dev.postern.quirks.FactName.ACPI_CCA;
import static dev.postern.quirks.FactName.ARCHITECTURE;
import static dev.postern.quirks.FactName.DDW;
import static dev.postern.quirks.FactName.HYPERVISOR;
import static dev.postern.quirks.FactName.IOMMU_KIND;
import static dev.postern.quirks.FactName.ORDER_PLATFORM;
import static dev.postern.quirks.FactName.PROTECTION;
import static dev.postern.quirks.FactName.SNOOPED;
import static dev.postern.quirks.FactName.SOC;
import static dev.postern.quirks.FactName.TRANSPORT;
import static dev.postern.quirks.FactName.VERSION_1;
import static dev.postern.quirks.FactName.XEN;
import static dev.postern.quirks.FactName.XEN_INITIAL_DOMAIN;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds facts that contradict each other, so that nobody explains a machine that cannot be. */
public final class Contradictions {

    /** Where one fact has one of some values, another fact that is known has none but these. */
    private record Demand(FactName one, Set<String> values, FactName other, Set<String> allowed, String why) {}

    private static final Set<String> LEGACY = Set.of("legacy-pci", "legacy-mmio");
    private static final String NO_HIGH_BITS = "a legacy interface has feature bits 0 to 31 only";

    private static final List<Demand> DEMANDS = List.of(
            new Demand(
                    PROTECTION,
                    Set.of("sev", "sev-es", "sev-snp", "tdx", "sme-host", "hyperv-vtom", "hyperv-vbs", "pkvm-x86"),
                    ARCHITECTURE,
                    Set.of("x86"),
                    "it is a protection of x86 processors"),
            new Demand(
                    PROTECTION, Set.of("cca", "pkvm"), ARCHITECTURE, Set.of("arm"), "it is a protection of Arm guests"),
            new Demand(PROTECTION, Set.of("s390-pv"), ARCHITECTURE, Set.of("s390"), "only an s390 has that ultravisor"),
            new Demand(
                    PROTECTION, Set.of("pseries-svm"), ARCHITECTURE, Set.of("power"), "only POWER has that ultravisor"),
            new Demand(
                    PROTECTION,
                    Set.of("hyperv-vtom", "hyperv-vbs"),
                    HYPERVISOR,
                    Set.of("", "Microsoft Hv"),
                    "Hyper-V gives that protection"),
            new Demand(XEN, Set.of("pv"), PROTECTION, Set.of("none"), "a paravirtualised Xen guest is not protected"),
            new Demand(XEN, Set.of("pv"), ARCHITECTURE, Set.of("x86"), "Xen paravirtualises x86 guests only"),
            new Demand(XEN_INITIAL_DOMAIN, Set.of("yes"), XEN, Set.of("pv", "hvm"), "the first domain is a Xen guest"),
            new Demand(IOMMU_KIND, Set.of("intel", "amd"), ARCHITECTURE, Set.of("x86"), "that IOMMU is of x86"),
            new Demand(IOMMU_KIND, Set.of("smmuv3"), ARCHITECTURE, Set.of("arm"), "that IOMMU is Arm's"),
            new Demand(
                    IOMMU_KIND,
                    Set.of("tce", "dart", "dart-u4"),
                    ARCHITECTURE,
                    Set.of("power"),
                    "that IOMMU is of POWER"),
            new Demand(IOMMU_KIND, Set.of("dvma"), ARCHITECTURE, Set.of("sparc"), "that IOMMU is of SPARC"),
            new Demand(DDW, Set.of("direct", "partial", "disabled"), IOMMU_KIND, Set.of("tce"), "it is a TCE window"),
            new Demand(SOC, Set.of("fsl-pci"), ARCHITECTURE, Set.of("power"), "that chip is a POWER"),
            new Demand(
                    SOC,
                    Set.of("octeon-gen1", "octeon-gen2", "octeon-big"),
                    ARCHITECTURE,
                    Set.of("mips"),
                    "that chip is a MIPS"),
            new Demand(TRANSPORT, LEGACY, VERSION_1, Set.of("absent"), NO_HIGH_BITS),
            new Demand(TRANSPORT, LEGACY, ACCESS_PLATFORM, Set.of("absent"), NO_HIGH_BITS),
            new Demand(TRANSPORT, LEGACY, ORDER_PLATFORM, Set.of("absent"), NO_HIGH_BITS),
            new Demand(TRANSPORT, Set.of("ccw"), ARCHITECTURE, Set.of("s390"), "channel devices are of s390"),
            new Demand(ACPI_CCA, Set.of("1"), SNOOPED, Set.of("yes"), "_CCA 1 says that the device is snooped"));

    private Contradictions() {}

    /**
     * The pairs of facts that cannot be true together. Only what is known counts, not the usual values of the rest.
     *
     * @return in a fixed order; empty when all is well
     */
    public static List<Contradiction> in(FactSheet facts) {
        List<Contradiction> found = new ArrayList<>();
        for (Demand demand : DEMANDS) {
            boolean both =
                    facts.known().containsKey(demand.one()) && facts.known().containsKey(demand.other());
            if (both
                    && demand.values().contains(facts.value(demand.one()))
                    && !demand.allowed().contains(facts.value(demand.other()))) {
                found.add(of(facts, demand.one(), demand.other(), demand.why()));
            }
        }
        stateOfNoIommu(facts, found);
        ramBeyondItself(facts, found);
        return found;
    }

    private static void stateOfNoIommu(FactSheet facts, List<Contradiction> found) {
        if (!facts.is(FactName.IOMMU_STATE, "none")
                && facts.is(IOMMU_KIND, "none")
                && facts.value(FactName.IOMMU).isEmpty()) {
            found.add(of(facts, IOMMU_KIND, FactName.IOMMU_STATE, "there is no IOMMU that could be in a state"));
        }
    }

    private static void ramBeyondItself(FactSheet facts, List<Contradiction> found) {
        long bits = facts.number(FactName.RAM_BITS);
        if (bits < 64 && facts.number(FactName.RAM_BASE) >>> bits != 0) {
            found.add(of(facts, FactName.RAM_BITS, FactName.RAM_BASE, "RAM would begin behind its end"));
        }
    }

    private static Contradiction of(FactSheet facts, FactName one, FactName other, String why) {
        return new Contradiction(
                one,
                other,
                "%s contradicts %s: %s; change one of them".formatted(facts.describe(other), facts.describe(one), why));
    }
}
