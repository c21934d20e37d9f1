package dev.postern.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.FactFile;
import dev.postern.quirks.FactFileReader;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Trees as Linux shows them, made up. */
@DisabledOnOs(OS.WINDOWS)
class MachineRecordTest {

    private static final String X86 = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor %s\n";

    @TempDir
    private Path root;

    @BeforeEach
    void anEmptyTree() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.createDirectories(root.resolve("sys/bus/virtio/devices"));
        Files.createDirectories(root.resolve("sys/bus/pci"));
        Files.createDirectories(root.resolve("sys/bus/platform"));
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void link(String path, String target) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, file.getParent().relativize(root.resolve(target)));
    }

    /** A virtio device below a device of a bus. */
    private void device(String name, String parent, String bus, String type, Set<Integer> features) throws IOException {
        StringBuilder bits = new StringBuilder();
        for (int bit = 0; bit < 128; bit++) {
            bits.append(features.contains(bit) ? '1' : '0');
        }
        write(parent + "/" + name + "/device", type + "\n");
        write(parent + "/" + name + "/features", bits + "\n");
        Files.createDirectories(root.resolve("sys/bus/virtio/drivers"));
        link(parent + "/" + name + "/driver", "sys/bus/virtio/drivers");
        link(parent + "/subsystem", "sys/bus/" + bus);
        link("sys/bus/virtio/devices/" + name, parent + "/" + name);
    }

    private FactFile recorded() {
        String toml = MachineRecord.of(new SystemTree(root)).toml();
        FactFile file = FactFileReader.read("m.toml", toml.getBytes(StandardCharsets.UTF_8));
        assertEquals(0, file.complaints().size(), () -> file.complaints() + "\n" + toml);
        return file;
    }

    private String toml() {
        return MachineRecord.of(new SystemTree(root)).toml();
    }

    @Test
    void aPciDeviceBehindAnIommuIsRecordedWithAllThatIsShown() throws IOException {
        write("proc/cpuinfo", X86.formatted("tdx_guest"));
        write("proc/cmdline", "quiet swiotlb=262144,force\n");
        write(
                "proc/iomem",
                "00001000-0009fbff : System RAM\n"
                        + "100000000-1ffffffff : System RAM\n"
                        + "  100000000-100ffffff : Kernel code\n");
        write("sys/class/dmi/id/product_name", "Made \"up\" \\ box\n");
        String parent = "sys/devices/pci0000:00/0000:00:03.0";
        device("virtio0", parent, "pci", "0x0002", Set.of(32, 33, 36));
        write(parent + "/vendor", "0x1af4\n");
        write(parent + "/device", "0x1042\n");
        write(parent + "/dma_mask_bits", "40\n");
        write("sys/kernel/iommu_groups/7/type", "DMA-FQ\n");
        link(parent + "/iommu_group", "sys/kernel/iommu_groups/7");
        Files.createDirectories(root.resolve("sys/devices/virtual/iommu/dmar0"));
        link(parent + "/iommu", "sys/devices/virtual/iommu/dmar0");
        FactFile file = recorded();
        FactSheet platform = file.platform();
        assertEquals("x86", platform.value(FactName.ARCHITECTURE));
        assertEquals("tdx", platform.value(FactName.PROTECTION));
        assertEquals("force", platform.value(FactName.SWIOTLB));
        assertEquals("0x1000", platform.value(FactName.RAM_BASE));
        assertEquals("33", platform.value(FactName.RAM_BITS));
        assertEquals("Made \"up\" \\ box", platform.value(FactName.DMI_PRODUCT));
        FactSheet disk = file.device("virtio0").orElseThrow().facts();
        assertEquals("2", disk.value(FactName.DEVICE_TYPE));
        assertEquals("1af4:1042", disk.value(FactName.PCI_ID));
        assertEquals("modern-pci", disk.value(FactName.TRANSPORT));
        assertEquals("40", disk.value(FactName.ADDRESS_BITS));
        for (FactName feature : Set.of(FactName.VERSION_1, FactName.ACCESS_PLATFORM, FactName.ORDER_PLATFORM)) {
            assertEquals("offered", disk.value(feature));
        }
        assertEquals("intel", disk.value(FactName.IOMMU_KIND));
        assertEquals("dmar0", disk.value(FactName.IOMMU));
        assertEquals("up", disk.value(FactName.IOMMU_STATE));
        assertTrue(
                toml().contains("transport = \"modern-pci\"  # /sys/devices/pci0000:00/0000:00:03.0/device"), toml());
    }

    @Test
    void aTransitionalDeviceIsToldByWhatWasAcceptedAndAnIdentityGroupIsNoTranslation() throws IOException {
        write("proc/cpuinfo", X86.formatted("nx"));
        for (int i = 0; i < 2; i++) {
            String parent = "sys/devices/pci0000:00/0000:00:0%d.0".formatted(i);
            device("virtio" + i, parent, "pci", "0x0001", i == 0 ? Set.of() : Set.of(32));
            write(parent + "/vendor", "0x1af4\n");
            write(parent + "/device", "0x1000\n");
            write("sys/kernel/iommu_groups/%d/type".formatted(i), "identity\n");
            link(parent + "/iommu_group", "sys/kernel/iommu_groups/" + i);
        }
        FactFile file = recorded();
        assertEquals("legacy-pci", file.device("virtio0").orElseThrow().facts().value(FactName.TRANSPORT));
        assertEquals(
                "transitional-pci", file.device("virtio1").orElseThrow().facts().value(FactName.TRANSPORT));
        assertEquals("bypassed", file.device("virtio1").orElseThrow().facts().value(FactName.IOMMU_STATE));
        assertTrue(toml().contains("# not known: protection: no sign of TDX or SEV-SNP"), toml());
        assertTrue(toml().contains("# not known: where RAM is"), toml());
        assertTrue(toml().contains("# not known: iommu-kind: group 1 is of no kind that facts know"), toml());
    }

    @Test
    void anArmDeviceIsSnoopedWhereTheTreeSaysSoAndItsPoolIsFound() throws IOException {
        write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\n");
        String base = "sys/firmware/devicetree/base/";
        write(base + "virtio@a000000/compatible", "virtio,mmio\0");
        write(base + "virtio@b000000/dma-coherent", "");
        write(base + "virtio@a000000/memory-region", "\0\0\0\3");
        write(base + "reserved-memory/pool/phandle", "\0\0\0\3");
        write(base + "reserved-memory/pool/compatible", "restricted-dma-pool\0");
        device("virtio0", "sys/devices/platform/a000000.virtio", "platform", "0x0002", Set.of(32));
        device("virtio1", "sys/devices/platform/b000000.virtio", "platform", "0x0004", Set.of());
        link("sys/devices/platform/a000000.virtio/of_node", base + "virtio@a000000");
        link("sys/devices/platform/b000000.virtio/of_node", base + "virtio@b000000");
        FactFile file = recorded();
        FactSheet first = file.device("virtio0").orElseThrow().facts();
        assertEquals("no", first.value(FactName.SNOOPED));
        assertEquals("restricted-dma-pool", first.value(FactName.MEMORY_REGION));
        assertEquals("modern-mmio", first.value(FactName.TRANSPORT));
        FactSheet second = file.device("virtio1").orElseThrow().facts();
        assertEquals("yes", second.value(FactName.SNOOPED));
        assertEquals("legacy-mmio", second.value(FactName.TRANSPORT));
        assertEquals("none", second.value(FactName.MEMORY_REGION));
    }

    @Test
    void xenAndProtectedGuestsAreToldByWhatTheirKernelsCreate() throws IOException {
        write("proc/cpuinfo", X86.formatted("nx"));
        write("sys/hypervisor/type", "xen\n");
        write("sys/hypervisor/guest_type", "PV\n");
        write("proc/xen/capabilities", "control_d\n");
        assertEquals("pv", recorded().platform().value(FactName.XEN));
        assertEquals("yes", recorded().platform().value(FactName.XEN_INITIAL_DOMAIN));
        assertEquals("XenVMMXenVMM", recorded().platform().value(FactName.HYPERVISOR));
        Files.delete(root.resolve("sys/hypervisor/type"));
        write("proc/cpuinfo", "vendor_id       : IBM/S390\n");
        write("sys/firmware/uv/prot_virt_guest", "1\n");
        assertEquals("s390-pv", recorded().platform().value(FactName.PROTECTION));
        write("proc/cpuinfo", "cpu\t\t: POWER9 (architected)\nmodel\t\t: IBM pSeries (emulated by qemu)\n");
        write("sys/devices/system/cpu/svm", "1\n");
        assertEquals("pseries-svm", recorded().platform().value(FactName.PROTECTION));
        assertEquals("qemu", recorded().platform().value(FactName.HYPERVISOR));
        write("sys/devices/system/cpu/svm", "0\n");
        assertEquals("none", recorded().platform().value(FactName.PROTECTION));
    }

    @Test
    void aDeviceThatNobodyDrivesHasNoFeaturesAndABalloonsAreInDoubt() throws IOException {
        write("proc/cpuinfo", X86.formatted("nx"));
        device("virtio0", "sys/devices/pci0000:00/0000:00:01.0", "pci", "0x0005", Set.of(32));
        device("virtio10", "sys/devices/pci0000:00/0000:00:02.0", "pci", "0x0002", Set.of(32));
        device("virtio2", "sys/devices/pci0000:00/0000:00:03.0", "pci", "0x0002", Set.of());
        Files.delete(root.resolve("sys/devices/pci0000:00/0000:00:03.0/virtio2/driver"));
        FactFile file = recorded();
        assertEquals(
                java.util.List.of("virtio0", "virtio2", "virtio10"),
                file.devices().stream().map(device -> device.name()).toList());
        assertFalse(file.device("virtio0").orElseThrow().facts().known().containsKey(FactName.ACCESS_PLATFORM));
        assertFalse(file.device("virtio2").orElseThrow().facts().known().containsKey(FactName.VERSION_1));
        assertTrue(toml().contains("# not known: features: no driver has negotiated any"), toml());
    }

    @Test
    void anEmptyTreeIsRecordedAsOneOfWhichNothingIsKnown() {
        FactFile file = recorded();
        assertEquals(Set.of(FactName.PRESET), file.platform().known().keySet());
        assertTrue(file.devices().isEmpty());
    }
}
