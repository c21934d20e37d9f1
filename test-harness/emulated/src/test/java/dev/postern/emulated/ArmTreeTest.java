package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.PrivilegedActs.Caching;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the device tree of an Arm machine says, and that the machine is so. */
class ArmTreeTest {

    private static final String HOST = "/pci@b0000000";
    private static final int VERSION_1_ONLY = 11;

    private static EmulatedMachine machine(DeviceSpec... devices) {
        MachineBuilder builder =
                EmulatedMachine.builder().platform(Platform.ARM).ramBytes(8 << 20);
        List.of(devices).forEach(builder::device);
        return builder.build();
    }

    private static PokedTree tree(EmulatedMachine machine) {
        return new PokedTree(machine.deviceTree().orElseThrow());
    }

    @Test
    void itIsAnArmMachineWithTheRamAndTheHostThatTheTreeNames() {
        try (EmulatedMachine machine = machine(SeededDisk.of(1 << 20, 42))) {
            assertEquals(Architecture.AARCH64, machine.cpuFacts().orElseThrow().architecture());
            PokedTree tree = tree(machine);
            assertEquals(4 << 20, tree.get("/memory@0/reg").getLong(8));
            assertEquals(1L << 32, tree.get("/memory@100000000/reg").getLong(0));
            assertEquals("pci-host-ecam-generic", tree.string(HOST + "/compatible"));
            assertEquals(0, tree.get(HOST + "/bus-range").getInt(0));
            assertEquals(255, tree.get(HOST + "/bus-range").getInt(4));
            assertEquals(3, tree.get(HOST + "/#address-cells").getInt(0));
            assertEquals(2, tree.get(HOST + "/#size-cells").getInt(0));
            assertTrue(tree.has(HOST + "/dma-coherent"));
            for (String absent : List.of("memory-region", "dma-ranges", "iommu-map")) {
                assertFalse(tree.has(HOST + "/" + absent), absent);
            }
            assertFalse(tree.has("/hypervisor/compatible"));
            long ecam = tree.get(HOST + "/reg").getLong(0);
            assertEquals(0x1af4, machine.registers().read16(ecam + (1 << 15)), "the disk answers there");
            assertEquals(256L << 20, tree.get(HOST + "/reg").getLong(8));
        }
    }

    @Test
    void devicesReachAllOfRamAtItsAddressesWithEitherSetOfFeatures() {
        for (long more : new long[] {0, PokedDevice.ACCESS_PLATFORM}) {
            try (EmulatedMachine machine = machine(SeededDisk.of(1 << 20, 42)
                    .virtio(more == 0 ? VirtioOptions.DEFAULTS : VirtioOptions.DEFAULTS.offer(33)))) {
                PokedDevice disk = PokedDevice.first(machine, 2);
                assertEquals(VERSION_1_ONLY, disk.negotiate(PokedDevice.VERSION_1 | more));
                assertEquals(0, disk.start(PokedDevice.VERSION_1 | more).request(0, 0, 512));
                assertEquals(List.of(), machine.guestErrors());
                assertEquals(8 << 20, machine.sharedPages().count() * 4096);
            }
        }
    }

    @Test
    void everyRootPortHasANodeAndTheOneThatLeadsOutSaysSo() {
        try (EmulatedMachine machine = machine(
                Rng.of(),
                RootPort.of("rp0"),
                RootPort.of("rp1").facing(PortFacing.EXTERNAL),
                RootPort.of("rp2").bus("rp1"),
                SeededDisk.of(1 << 20, 42).bus("rp2"))) {
            PokedTree tree = tree(machine);
            assertEquals(2 << 11, tree.get(HOST + "/pcie@2,0/reg").getInt(0));
            assertFalse(tree.has(HOST + "/pcie@2,0/external-facing"));
            assertEquals(3 << 11, tree.get(HOST + "/pcie@3,0/reg").getInt(0));
            assertEquals(20, tree.get(HOST + "/pcie@3,0/reg").limit());
            assertTrue(tree.has(HOST + "/pcie@3,0/external-facing"));
            assertEquals(0, tree.get(HOST + "/pcie@3,0/pcie@0,0/reg").getInt(0), "a port behind a port");
            assertEquals("pci", tree.string(HOST + "/pcie@3,0/device_type"));
            assertFalse(tree.has(HOST + "/pcie@1,0/reg"), "that is the entropy device");
            long ecam = tree.get(HOST + "/reg").getLong(0);
            assertEquals(1, machine.registers().read8(ecam + (3 << 15) + 0x0e) & 0x7f, "a bridge is in that slot");
        }
    }

    @Test
    void thereIsNoServiceBeneathTheGuestAndAskingIsNoError() {
        try (EmulatedMachine machine = machine()) {
            PokedPlatform poked = new PokedPlatform(machine, Platform.ARM);
            assertEquals("hvc", tree(machine).string("/psci/method"));
            assertEquals(0x1_0000, poked.hvc(0x8400_0000L)[0], "PSCI_VERSION");
            assertEquals(0x1_0001, poked.hvc(0x8000_0000L)[0], "SMCCC_VERSION");
            assertEquals(-1, poked.hvc(0x8600_ff01L)[0], "no KVM");
            assertEquals(-1, poked.rsi(0xc400_0190L, 0x1_0000)[0], "no realm manager");
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void cacheMaintenanceIsThereAndChangesNothing() {
        try (EmulatedMachine machine = machine(SeededDisk.of(1 << 20, 42))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPlatform poked = new PokedPlatform(machine, Platform.ARM);
            PokedPlatform.put(disk, 0x30_0000, PokedPlatform.text("kept"));
            poked.acts.execute(Instruction.CACHE_INVALIDATE, 0x30_0000, 4096);
            poked.acts.mapCaching(0x30_0000, 4096, Caching.UNCACHED);
            poked.acts.execute(Instruction.CACHE_CLEAN, 0x30_0001, 17);
            assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, 0x30_0000));
            assertEquals(List.of(), machine.guestErrors());
            poked.acts.execute(Instruction.CACHE_CLEAN, 0x4000_0000, 64);
            poked.acts.execute(Instruction.CACHE_CLEAN, 0, -1);
            poked.acts.mapCaching(0x4000_0000, 4096, Caching.UNCACHED);
            assertEquals(List.of("arm:outside-ram", "arm:outside-ram", "arm:outside-ram"), Guests.clauses(machine));
        }
    }
}
