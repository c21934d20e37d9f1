package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import dev.postern.quirks.Contradictions;
import dev.postern.quirks.FactName;
import dev.postern.quirks.Preset;
import dev.postern.quirks.PresetTable;
import dev.postern.quirks.QuirkTable;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PresetsTest {

    /** Presets that keep memory from a device without ACCESS_PLATFORM; on the others it reaches all of RAM, or a pool. */
    private static final Set<String> SECURE = Set.of(
            "sev",
            "sev-es",
            "sev-snp",
            "hyperv-vtom",
            "hyperv-vbs",
            "tdx",
            "cca",
            "pkvm",
            "pkvm-x86",
            "pseries-svm",
            "s390-pv",
            "sme-host",
            "crosvm-pkvm",
            "cloud-hypervisor-tdx");

    @Test
    void everyNameThatIsListedIsKnownAndItsFactsCarryIt() {
        for (String name : Presets.names()) {
            assertEquals(name, Presets.named(name).preset().value());
            assertEquals(
                    "preset " + name,
                    Presets.named(name).more().fact(FactName.ARCHITECTURE).source());
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheNearestAndTheNamesThatThereAre() {
        String message = assertThrows(IllegalArgumentException.class, () -> Presets.named("plane"))
                .getMessage();
        assertTrue(message.contains("\"plane\": the nearest is plain"), message);
        assertTrue(message.contains("[plain, sev, sev-es, sev-snp, hyperv-vtom, tdx, cca, pkvm,"), message);
    }

    @Test
    void anAliasIsThePresetItself() {
        for (Preset preset : PresetTable.shipped().presets()) {
            for (String alias : preset.aliases()) {
                assertEquals(Presets.named(preset.name()), Presets.named(alias));
            }
        }
        assertEquals("sev-snp", Presets.named("snp").preset().value());
    }

    @Test
    void noPresetContradictsItselfAndNoneIsAnother() {
        List<Preset> presets = PresetTable.shipped().presets();
        for (Preset preset : presets) {
            assertEquals(List.of(), Contradictions.in(preset.facts()), preset::name);
        }
        assertEquals(
                presets.size(), presets.stream().map(Preset::stated).distinct().count());
    }

    @Test
    void everySecurePlatformSaysWhatLinuxDoesWithoutAccessPlatform() {
        Set<String> stalls = Set.of("cca", "pkvm", "pkvm-x86", "pseries-svm", "sme-host", "crosvm-pkvm");
        for (String name : SECURE) {
            MemoryReach.SharedPagesOnly reach = assertInstanceOf(
                    MemoryReach.SharedPagesOnly.class,
                    DmaDecision.decide(modern(), Presets.named(name))
                            .explanation()
                            .platform()
                            .reach()
                            .value());
            assertEquals(
                    stalls.contains(name)
                            ? MemoryReach.LinuxAnswer.HANDS_OUT_PRIVATE_ADDRESSES
                            : MemoryReach.LinuxAnswer.REFUSES,
                    reach.withoutAccessPlatform(),
                    name);
        }
    }

    @Test
    void everyOtherPlatformDecidesAsIfNothingWereSecret() {
        for (String name : Presets.names()) {
            boolean secret = DmaDecision.decide(modern(), Presets.named(name))
                            .explanation()
                            .platform()
                            .reach()
                            .value()
                    instanceof MemoryReach.SharedPagesOnly;
            assertEquals(SECURE.contains(name), secret, name);
        }
    }

    /** What comes of a modern device without and with ACCESS_PLATFORM. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain|Direct|Direct|coherent",
                "sev|Bounced over Direct|Bounced over Direct|coherent",
                "sev-es|Bounced over Direct|Bounced over Direct|coherent",
                "sev-snp|Bounced over Direct|Bounced over Direct|coherent",
                "hyperv-vtom|Bounced over Direct|Bounced over Direct|coherent",
                "tdx|Bounced over Direct|Bounced over Direct|coherent",
                "cca|Bounced over Direct|Bounced over Direct|coherent",
                "pkvm|Bounced over Direct|Bounced over Direct|coherent",
                "pseries-svm|Bounced over Direct|Bounced over Direct|coherent",
                "s390-pv|Bounced over Direct|Bounced over Direct|coherent",
                "hyperv-vbs|Bounced over Direct|Bounced over Direct|coherent",
                "pkvm-x86|Bounced over Direct|Bounced over Direct|coherent",
                "sme-host|Bounced over Direct|Direct + 0x800000000000|coherent",
                "xen-hvm|Direct|Direct|coherent",
                "xen-hvm-grant|refused|Granted|coherent",
                "xen-pv|refused|Granted|coherent",
                "xen-dom0|PageTranslated|PageTranslated|coherent",
                "xen-arm|refused|Granted|coherent",
                "arm|Direct|Direct|coherent",
                "arm-pool|Bounced over Direct|Bounced over Direct|coherent",
                "arm-ranges|Direct|Bounced over Direct + 0x1f00000000|coherent",
                "arm-noncoherent|Direct|Direct|non-coherent",
                "arm-smmuv3|Direct|Translated by smmuv3|coherent",
                "arm-no-cca|Direct|refused|coherent",
                "riscv|Direct|Direct|coherent",
                "q35-dmar|Direct|Translated by intel|coherent",
                "q35-dmar-no-cm|Direct|Translated by intel|coherent",
                "q35-amd-vi|Direct|Translated by amd|coherent",
                "q35-virtio-iommu|Direct|Translated by virtio-iommu|coherent",
                "q35-virtio-iommu-boot|Direct|Direct|coherent",
                "pseries|Direct|Direct + 0x800000000000000|coherent",
                "pseries-small-window|Direct|Translated by tce|coherent",
                "pseries-disable-ddw|Direct|Translated by tce|coherent",
                "pseries-pmemory|Direct|Direct + 0x800000000000000|coherent",
                "pseries-vfio|Direct|Direct + 0x800000000000000|coherent",
                "powermac-u4|Direct|Direct + 0x8000000000|coherent",
                "fsl-pci|Direct|Direct + 0x1000000000|coherent",
                "sparc64|Direct|Translated by dvma|coherent",
                "octeon|Direct|Bounced over Direct|coherent",
                "octeon2|Direct|Bounced over Direct|coherent",
                "octeon-big|Direct|Bounced over Direct + 0x8000000000|coherent",
                "s390|Direct|Direct|coherent",
                "hyperv-wsl|Bounced over Direct|Bounced over Direct|coherent",
                "firecracker|Direct|Direct|coherent",
                "firecracker-arm|Direct|Direct|coherent",
                "crosvm-pkvm|Bounced over Direct|Bounced over Direct|coherent",
                "cloud-hypervisor-tdx|Bounced over Direct|Bounced over Direct|coherent",
                "openvmm|Direct|Direct|coherent",
                "apple-vz|Direct|Direct|coherent"
            })
    void theOutcomeOfAPreset(String name, String without, String with, String coherencyWith) {
        Question question = new Question(
                "blk0", PresetTable.shipped().named(name).orElseThrow().facts());
        Decision withFeature = question.with(FactName.ACCESS_PLATFORM, Fact.of("offered", "test"))
                .decide(QuirkTable.shipped());
        Decision withoutFeature = question.with(FactName.ACCESS_PLATFORM, Fact.of("absent", "test"))
                .decide(QuirkTable.shipped());
        assertEquals(without, withoutFeature.outcome().describe());
        assertEquals(with, withFeature.outcome().describe());
        assertEquals(Coherency.COHERENT, withoutFeature.coherency());
        assertEquals(coherencyWith, withFeature.coherency().word());
    }

    @Test
    void theOutcomeOfEveryPresetIsPinned() throws NoSuchMethodException {
        CsvSource pins = PresetsTest.class
                .getDeclaredMethod("theOutcomeOfAPreset", String.class, String.class, String.class, String.class)
                .getAnnotation(CsvSource.class);
        assertEquals(
                Presets.names().stream().sorted().toList(),
                List.of(pins.value()).stream()
                        .map(pin -> pin.substring(0, pin.indexOf('|')))
                        .sorted()
                        .toList());
    }

    @Test
    void addressBitsOutOfRangeAreRefused() {
        for (int bits : new int[] {0, 65, -1}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new DeviceFacts("blk0", Fact.of(Set.of(), "test"), Fact.of(bits, "test")))
                    .getMessage();
            assertTrue(message.contains("give 1 to 64"), message);
        }
    }

    private static DeviceFacts modern() {
        return new DeviceFacts(
                "blk0", Fact.of(Set.of(ReservedFeature.VERSION_1), "test"), Fact.of(64, "the transport's default"));
    }
}
