package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.MachineDiedException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** pKVM's hypercalls, its device tree, and what its devices are refused. */
class PkvmOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long MEMINFO = 0xc600_0002L;
    private static final long SHARE = 0xc600_0003L;
    private static final long UNSHARE = 0xc600_0004L;

    private EmulatedMachine machine;
    private PokedPlatform poked;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.PKVM).build();
        poked = new PokedPlatform(machine, Platform.PKVM);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    @Test
    void theHypervisorNamesItselfItsServicesAndItsGranule() {
        assertEquals(Architecture.AARCH64, machine.cpuFacts().orElseThrow().architecture());
        assertArrayEquals(new long[] {0xb66fb428L, 0xe911c52eL, 0x564bcaa9L, 0x743a004dL}, poked.hvc(0x8600_ff01L));
        assertEquals(0b11101, poked.hvc(0x8600_0000L)[0]);
        assertEquals(4096, poked.hvc(MEMINFO)[0]);
        assertEquals(-3, poked.hvc(MEMINFO, 1)[0]);
        assertEquals(0x1_0001, poked.hvc(0x8000_0000L)[0]);
    }

    @Test
    void thereIsNoRealmMonitorAndAskingIsNoError() {
        assertEquals(-1, poked.rsi(0xc400_0190L, 0x1_0000)[0]);
        assertEquals(-1, poked.hvc(0xc600_0040L)[0]);
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void theTreeGivesThePciHostAPoolInRam() {
        PokedTree tree = new PokedTree(machine.deviceTree().orElseThrow());
        String pool = "/reserved-memory/restricted_dma_reserved@300000";
        assertEquals("restricted-dma-pool", tree.string(pool + "/compatible"));
        assertEquals(0x30_0000, tree.get(pool + "/reg").getLong(0));
        assertEquals(0x10_0000, tree.get(pool + "/reg").getLong(8));
        assertEquals(tree.get("/pci@b0000000/memory-region"), tree.get(pool + "/phandle"));
        assertEquals(0xb000_0000L, tree.get("/pci@b0000000/reg").getLong(0));
        assertEquals("pci-host-ecam-generic", tree.string("/pci@b0000000/compatible"));
        assertEquals("hvc", tree.string("/psci/method"));
        assertEquals(4 << 20, tree.get("/memory@0/reg").getLong(8));
        assertEquals(1L << 32, tree.get("/memory@100000000/reg").getLong(0));
    }

    @Test
    void aRealmsTreeHasNoPoolAndOtherMachinesHaveNoTree() {
        try (EmulatedMachine realm = PokedPlatform.machine(Platform.CCA).build()) {
            PokedTree tree = new PokedTree(realm.deviceTree().orElseThrow());
            assertEquals("smc", tree.string("/psci/method"));
            assertFalse(tree.has("/pci@b0000000/memory-region"));
        }
        try (EmulatedMachine plain = PokedPlatform.machine(Platform.PLAIN).build()) {
            assertTrue(plain.deviceTree().isEmpty());
        }
    }

    @Test
    void aSmallMachinesPoolStaysClearOfTheAcpiTables() {
        try (EmulatedMachine small = EmulatedMachine.builder()
                .platform(Platform.PKVM)
                .ramBytes(2 << 20)
                .build()) {
            PokedTree tree = new PokedTree(small.deviceTree().orElseThrow());
            assertEquals(
                    0x4_0000,
                    tree.get("/reserved-memory/restricted_dma_reserved@a0000/reg")
                            .getLong(8));
        }
    }

    @Test
    void sharingLetsTheHostInAsThePageIs() {
        PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.PKVM);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("left behind"));
        poked.share(PAGE, 4096);
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertArrayEquals(PokedPlatform.text("left behind"), PokedPlatform.sector(disk, 3));
        poked.unshare(PAGE, 4096);
        assertArrayEquals(PokedPlatform.text("left behind"), PokedPlatform.bytes(disk, PAGE));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void aDeviceIsRefusedThePagesThatAreNotShared() {
        PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.PKVM);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("kept"));
        assertTrue(PokedPlatform.transfer(disk, 0, 3, PAGE, 512) != 0, "a write of the device");
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE));
        Guests.assertClause(machine, "pkvm:private-page");
    }

    @Test
    void aDeviceCannotReadThemEither() {
        PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.PKVM);
        byte[] before = PokedPlatform.sector(disk, 3);
        assertTrue(PokedPlatform.transfer(disk, 1, 3, PAGE, 512) != 0, "a read by the device");
        Guests.assertClause(machine, "pkvm:private-page");
        disk.start(PokedDevice.VERSION_1);
        assertArrayEquals(before, PokedPlatform.sector(disk, 3));
    }

    @Test
    void ringsInPrivateMemoryAreNeverServed() {
        PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
        assertEquals(-1, disk.request(0, 0, 512));
        Guests.assertClause(machine, "pkvm:private-page");
    }

    @Test
    void everyParameterIsChecked() {
        assertEquals(-3, poked.hvc(SHARE, PAGE + 8)[0]);
        assertEquals(-3, poked.hvc(SHARE, PAGE, 1)[0]);
        assertEquals(-3, poked.hvc(SHARE, 0x4000_0000L)[0]);
        assertEquals(-3, poked.hvc(UNSHARE, PAGE)[0], "it is not shared");
        assertEquals(0, poked.hvc(SHARE, PAGE)[0]);
        assertEquals(-3, poked.hvc(SHARE, PAGE)[0], "it is shared");
        assertEquals(
                List.of("pkvm:parameter", "pkvm:parameter", "pkvm:outside-ram", "pkvm:state", "pkvm:state"),
                Guests.clauses(machine));
    }

    @Test
    void aFailedShareLeavesThePage() {
        try (EmulatedMachine failing = PokedPlatform.machine(Platform.PKVM)
                .mischief(new FailConversionAt(1))
                .build()) {
            assertEquals(-3, new PokedPlatform(failing, Platform.PKVM).hvc(SHARE, PAGE)[0]);
            assertEquals(0, failing.sharedPages().count());
            assertEquals(List.of(), failing.guestErrors());
        }
    }

    @Test
    void pageTablesHaveNoBitForIt() {
        MachineDiedException died = assertThrows(
                MachineDiedException.class, () -> poked.acts.mapPages(PAGE, 4096, PokedPlatform.UNPROTECTED));
        assertTrue(died.getMessage().contains("pkvm:address-bits"), died::getMessage);
    }
}
