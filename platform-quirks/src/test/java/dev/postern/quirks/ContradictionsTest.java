package dev.postern.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContradictionsTest {

    private static List<Contradiction> in(String facts) {
        FactSheet sheet = FactSheet.EMPTY;
        for (String fact : facts.split(" ")) {
            String[] parts = fact.split("=");
            sheet = sheet.with(FactName.named(parts[0]).orElseThrow(), Fact.of(parts[1], "test"));
        }
        return Contradictions.in(sheet);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "protection=sev architecture=arm",
                "protection=cca architecture=x86",
                "protection=s390-pv architecture=power",
                "protection=pseries-svm architecture=x86",
                "protection=hyperv-vbs hypervisor=KVMKVMKVM",
                "iommu-state=up iommu-kind=none",
                "iommu-state=not-up",
                "xen=pv protection=sev-snp",
                "xen=pv architecture=arm",
                "xen=none xen-initial-domain=yes",
                "iommu-kind=intel architecture=power",
                "iommu-kind=smmuv3 architecture=x86",
                "iommu-kind=tce architecture=arm",
                "iommu-kind=dart-u4 architecture=arm",
                "iommu-kind=dvma architecture=mips",
                "iommu-kind=intel ddw=direct",
                "soc=fsl-pci architecture=mips",
                "soc=octeon-big architecture=power",
                "transport=legacy-pci version-1=offered",
                "transport=legacy-mmio access-platform=offered",
                "transport=legacy-pci order-platform=offered",
                "transport=ccw architecture=arm",
                "acpi-cca=1 snooped=no",
                "ram-base=0x100000000 ram-bits=32",
                "ram-base=0x10000000000"
            })
    void whatNoMachineHasTogetherIsFound(String facts) {
        List<Contradiction> found = in(facts);
        assertEquals(1, found.size(), found::toString);
        String message = found.getFirst().message();
        assertTrue(message.contains("contradicts") && message.endsWith("change one of them"), message);
        assertEquals(1, message.lines().count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "protection=sev architecture=x86",
                "protection=sev",
                "iommu-state=up iommu-kind=intel",
                "iommu-state=up iommu=mine",
                "xen=pv protection=none",
                "transport=legacy-pci version-1=absent",
                "transport=ccw architecture=s390",
                "acpi-cca=0 snooped=no",
                "ram-base=0x80000000 ram-bits=32",
                "ram-base=0xffffffff00000000 ram-bits=64"
            })
    void whatGoesTogetherIsLeftAlone(String facts) {
        assertEquals(List.of(), in(facts));
    }
}
