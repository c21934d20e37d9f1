package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.CpuFacts.Cpuid;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.machine.RamRegion;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How each Xen machine is recognised, how it numbers pages, and which addresses devices are given without grants. */
class XenMachineTest {

    private static final long DATA = 0x30_0000L;
    private static final int PAGE = 4096;

    private static EmulatedMachine machine(Platform platform) {
        return PokedXen.machine(platform, VirtioOptions.DEFAULTS).build();
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_PV", "XEN_DOM0"})
    void theSignatureIsInCpuid(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            CpuFacts facts = machine.cpuFacts().orElseThrow();
            assertEquals(Architecture.X86_64, facts.architecture());
            assertTrue(facts.cpuid(1, 0).ecx() < 0, "a hypervisor is there");
            assertEquals(new Cpuid(0x4000_0005, 0x566e6558, 0x65584d4d, 0x4d4d566e), facts.cpuid(0x4000_0000, 0));
            assertEquals(4 << 16 | 19, facts.cpuid(0x4000_0001, 0).eax());
            assertEquals(1, facts.cpuid(0x4000_0002, 0).eax(), "one hypercall page");
            assertEquals(platform != Platform.XEN_HVM, machine.xenStartInfoPa().isPresent());
            assertTrue(machine.deviceTree().isEmpty());
        }
    }

    @Test
    void noOtherMachineHasAStartInfoOrHypercalls() {
        for (Platform platform : Set.of(Platform.PLAIN, Platform.ARM, Platform.TDX, Platform.PKVM)) {
            try (EmulatedMachine machine = machine(platform)) {
                assertTrue(machine.xenStartInfoPa().isEmpty());
                assertNotEquals(
                        0x566e6558,
                        machine.cpuFacts().orElseThrow().cpuid(0x4000_0000, 0).ebx());
                assertThrows(
                        MachineDiedException.class,
                        () -> machine.privilegedActs().orElseThrow().execute(Instruction.XEN_HYPERCALL, 12));
            }
        }
    }

    @Test
    void theArmTreeNamesXenAndTheBackEndsDomainForEveryRequester() {
        try (EmulatedMachine machine = machine(Platform.XEN_ARM)) {
            PokedTree tree = new PokedTree(machine.deviceTree().orElseThrow());
            assertEquals("xen,xen-4.19\0xen,xen", tree.string("/hypervisor/compatible"));
            assertEquals("xen,grant-dma", tree.string("/xen-grant-dma/compatible"));
            assertEquals(1, tree.get("/xen-grant-dma/#iommu-cells").getInt(0));
            assertEquals(0, tree.get("/pci@b0000000/iommu-map-mask").getInt(0));
            assertEquals(0, tree.get("/pci@b0000000/iommu-map").getInt(0));
            assertEquals(
                    tree.get("/xen-grant-dma/phandle").getInt(0),
                    tree.get("/pci@b0000000/iommu-map").getInt(4));
            assertEquals(2, tree.get("/pci@b0000000/iommu-map").getInt(8), "the domain");
            assertEquals(1, tree.get("/pci@b0000000/iommu-map").getInt(12));
            assertTrue(tree.has("/pci@b0000000/dma-coherent"));
            assertEquals(64 * PAGE, tree.get("/hypervisor/reg").getLong(8));
            assertEquals(Architecture.AARCH64, machine.cpuFacts().orElseThrow().architecture());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_DOM0"})
    void theDomainBuilderLeftAStartInfoAndAListOfScatteredFrames(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform);
            long info = machine.xenStartInfoPa().orElseThrow();
            byte[] magic = xen.ram.asSlice(info, 15).toArray(ValueLayout.JAVA_BYTE);
            assertEquals("xen-3.0-x86_64\0", new String(magic, StandardCharsets.US_ASCII));
            assertEquals(1, machine.ram().size(), "no hole");
            RamRegion ram = machine.ram().getFirst();
            long pages = xen.get64(info + 32);
            assertEquals(ram.size() / PAGE, pages);
            assertEquals(platform == Platform.XEN_DOM0 ? 3 : 0, xen.get32(info + 48));
            long list = xen.get64(info + 104);
            assertEquals(list / PAGE, xen.get64(info + 1152));
            assertEquals((pages * 8 + PAGE - 1) / PAGE, xen.get64(info + 1160));
            Set<Long> frames = new HashSet<>();
            for (long i = 0; i < pages; i++) {
                long frame = xen.get64(list + 8 * i);
                assertTrue(frames.add(frame), "each once");
                assertTrue(frame > 0x100_0000 && frame < 1L << 32, "no guest-physical frame, and it fits an entry");
                assertNotEquals(xen.get64(list + 8 * i - 8) + 1, frame, "never contiguous");
            }
        }
    }

    @Test
    void theScatterFollowsTheSeed() {
        long[][] frames = new long[3][];
        for (int i = 0; i < 3; i++) {
            try (EmulatedMachine machine = PokedXen.machine(Platform.XEN_PV, VirtioOptions.DEFAULTS)
                    .seed(i == 2 ? 8 : 7)
                    .build()) {
                PokedXen xen = new PokedXen(machine, Platform.XEN_PV);
                frames[i] = new long[] {xen.machineFrame(0), xen.machineFrame(DATA), xen.machineFrame(DATA + PAGE)};
            }
        }
        assertArrayEquals(frames[0], frames[1]);
        assertFalse(Arrays.equals(frames[0], frames[2]), "seeds 7 and 8");
    }

    @Test
    void aListThatIsTooLongForBaseMemoryIsAtTheEndOfRam() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .platform(Platform.XEN_PV)
                .ramBytes(512 << 20)
                .build()) {
            PokedXen xen = new PokedXen(machine, Platform.XEN_PV);
            long info = machine.xenStartInfoPa().orElseThrow();
            assertEquals((512 << 20) - (1 << 20), xen.get64(info + 104));
            assertNotEquals(0, xen.machineFrame(0));
            assertNotEquals(0, xen.machineFrame((512 << 20) - 1));
        }
    }

    @Test
    void ramThatCannotBeInOnePieceIsRefused() {
        for (MachineBuilder builder : List.of(
                EmulatedMachine.builder().ramBytes(4L << 30),
                EmulatedMachine.builder().ramBytes(8 << 20).lowRamBytes(4 << 20))) {
            String message = assertThrows(
                            MachineConfigurationException.class,
                            () -> builder.platform(Platform.XEN_PV).build())
                    .getMessage();
            assertTrue(message.contains("xen-pv") && message.contains("2 GiB"), message);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_DOM0"})
    void withoutTheFeatureDevicesUseMachineAddresses(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform);
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .addressing(xen::machineAddress)
                    .start(PokedDevice.VERSION_1);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, DATA, 512));
            assertEquals(List.of(), machine.guestErrors());
            assertTrue(machine.audit().writtenSinceMark().contains(new SharedPages.Range(DATA, 512)));
            assertTrue(machine.deviceReach("d0").canWrite(DATA, 4096));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_DOM0"})
    void aMachineAddressIsGoodToTheEndOfItsPage(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform);
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .addressing(xen::machineAddress)
                    .start(PokedDevice.VERSION_1);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, DATA + PAGE - 512, 512));
            assertNotEquals(
                    0, PokedPlatform.transfer(disk, 0, 0, DATA + PAGE - 512, 1024), "the next page is elsewhere");
            assertArrayEquals(new byte[512], PokedPlatform.bytes(disk, DATA + PAGE));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_DOM0"})
    void whatTheGuestCallsPhysicalMeansNothingToADevice(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(-1, disk.request(0, 0, 512));
            Guests.assertClause(machine, "xen:machine-address");
        }
    }

    @Test
    void theFirstDomainsDevicesUseMachineAddressesWithTheFeatureToo() {
        try (EmulatedMachine machine = PokedXen.machine(Platform.XEN_DOM0, VirtioOptions.DEFAULTS.offer(33))
                .build()) {
            PokedXen xen = new PokedXen(machine, Platform.XEN_DOM0);
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .addressing(xen::machineAddress)
                    .start(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_ARM"})
    void translatedGuestsGiveGuestPhysicalAddressesWithoutTheFeature(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, 1L << 32, 512));
            assertEquals(List.of(), machine.guestErrors());
            assertTrue(machine.deviceReach("d0").canWrite(DATA, 4096));
        }
    }

    @Test
    void anOrdinaryGuestsDevicesDoSoWithTheFeatureToo() {
        try (EmulatedMachine machine = PokedXen.machine(Platform.XEN_HVM, VirtioOptions.DEFAULTS.offer(33))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }
}
