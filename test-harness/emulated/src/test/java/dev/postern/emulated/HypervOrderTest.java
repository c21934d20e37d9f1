package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.emulated.mischief.PretendConversionAt;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Cpuid;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hyper-V isolation: what the CPU says, the visibility of pages, and the virtual top of memory. */
class HypervOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long FRAME = PAGE / 4096;

    private EmulatedMachine machine;
    private PokedPlatform poked;
    private PokedDevice disk;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.HYPERV_VTOM).build();
        poked = new PokedPlatform(machine, Platform.HYPERV_VTOM);
        disk = PokedPlatform.sharedDisk(machine, Platform.HYPERV_VTOM);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    @Test
    void theHypervisorLeavesTellTheIsolationAndSevIsNotSeen() {
        CpuFacts facts = machine.cpuFacts().orElseThrow();
        assertTrue(facts.cpuid(1, 0).ecx() < 0, "a hypervisor is there");
        // "Micr", "osof", "t Hv" in EBX, ECX, EDX.
        assertEquals(new Cpuid(0x4000_000c, 0x7263694d, 0x666f736f, 0x76482074), facts.cpuid(0x4000_0000, 0));
        assertEquals(1, facts.cpuid(0x4000_0003, 0).ebx() >>> 22 & 1);
        assertEquals(1, facts.cpuid(0x4000_000c, 0).eax(), "a paravisor");
        int isolation = facts.cpuid(0x4000_000c, 0).ebx();
        assertEquals(2, isolation & 0xf, "by SNP");
        assertEquals(1, isolation >>> 5 & 1, "the boundary is active");
        assertEquals(46, isolation >>> 6 & 0x3f);
        assertEquals(Cpuid.NONE, facts.cpuid(0x8000_001f, 0));
        assertEquals(OptionalLong.empty(), facts.register(0xc001_0131));
    }

    @Test
    void eitherOrderOfMappingAndVisibilityEndsShared() {
        poked.hypervCall(3, FRAME);
        poked.acts.mapPages(PAGE, 4096, PokedPlatform.VTOM);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("to the disk"));
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertArrayEquals(PokedPlatform.text("to the disk"), PokedPlatform.sector(disk, 3));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void theBoundaryBitIsForPageTablesAndNotForDevices() {
        assertTrue(PokedPlatform.transfer(disk, 1, 3, disk.data() | PokedPlatform.VTOM, 512) != 0);
        Guests.assertClause(machine, "pci:dma-target");
    }

    @Test
    void aFrameAboveTheBoundaryIsNotRam() {
        assertEquals(5, poked.hypervCall(3, FRAME | PokedPlatform.VTOM / 4096));
        assertEquals(List.of("hyperv-vtom:outside-ram"), Guests.clauses(machine));
    }

    @Test
    void theResultCountsWhatWasDoneBeforeAFailure() {
        assertEquals(2L << 32 | 5, poked.hypervCall(3, FRAME, FRAME + 1, 0x4_0000, FRAME + 2));
        assertTrue(machine.sharedPages().contains(PAGE + 4096));
        assertFalse(machine.sharedPages().contains(PAGE + 8192));
    }

    @Test
    void aCallGoesOnWhereTheControlWordSays() {
        long control = 2L << 48 | 3L << 32 | 0xdb;
        assertArrayEquals(
                new long[] {3L << 32},
                poked.acts.execute(Instruction.HYPERV_CALL, control, -1, 3, FRAME, FRAME + 1, FRAME + 2));
        assertFalse(machine.sharedPages().contains(PAGE));
        assertTrue(machine.sharedPages().contains(PAGE + 8192));
    }

    @Test
    void badCallsHaveTheirOwnStatus() {
        assertEquals(2, poked.acts.execute(Instruction.HYPERV_CALL, 1L << 32 | 0xdc, -1, 3, FRAME)[0]);
        assertEquals(3, poked.acts.execute(Instruction.HYPERV_CALL, 2L << 32 | 0xdb, -1, 3, FRAME)[0], "too short");
        assertEquals(3, poked.acts.execute(Instruction.HYPERV_CALL, 0xdb, -1, 3)[0], "no repetition");
        assertEquals(3, poked.acts.execute(Instruction.HYPERV_CALL, 1L << 32 | 1 << 16 | 0xdb, -1, 3, FRAME)[0]);
        assertEquals(13, poked.acts.execute(Instruction.HYPERV_CALL, 1L << 32 | 0xdb, 7, 3, FRAME)[0]);
        assertEquals(5, poked.hypervCall(1, FRAME), "for reading only");
        assertEquals(6, machine.guestErrors().size());
        assertFalse(machine.sharedPages().contains(PAGE));
    }

    @Test
    void aPageHiddenButStillMappedAboveTheBoundaryIsOutOfSight() {
        poked.share(PAGE, 4096);
        poked.hypervCall(0, FRAME);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("lost"));
        poked.acts.mapPages(PAGE, 4096, 0);
        assertFalse(Arrays.equals(PokedPlatform.text("lost"), PokedPlatform.bytes(disk, PAGE)));
        assertEquals(List.of("hyperv-vtom:unmatched-mapping"), Guests.clauses(machine));
    }

    @Test
    void aRefusalAndAPretenceOfTheHost() {
        try (EmulatedMachine refusing = PokedPlatform.machine(Platform.HYPERV_VTOM)
                .mischief(new FailConversionAt(2))
                .build()) {
            PokedPlatform guest = new PokedPlatform(refusing, Platform.HYPERV_VTOM);
            assertEquals(1L << 32 | 8, guest.hypervCall(3, FRAME, FRAME + 1));
            assertEquals(1, refusing.sharedPages().count());
        }
        try (EmulatedMachine pretending = PokedPlatform.machine(Platform.HYPERV_VTOM)
                .mischief(new PretendConversionAt(1))
                .build()) {
            PokedPlatform guest = new PokedPlatform(pretending, Platform.HYPERV_VTOM);
            assertEquals(1L << 32, guest.hypervCall(3, FRAME));
            assertEquals(0, pretending.sharedPages().count());
        }
    }

    @Test
    void theCBitIsNotTheBoundary() {
        MachineDiedException died =
                assertThrows(MachineDiedException.class, () -> poked.acts.mapPages(PAGE, 4096, PokedPlatform.C_BIT));
        assertTrue(died.getMessage().contains("hyperv-vtom:vtom"), died::getMessage);
    }

    @Test
    void pagesAreNotValidatedByTheGuest() {
        assertThrows(MachineDiedException.class, () -> poked.pvalidate(PAGE, 0));
        assertEquals(List.of("hyperv-vtom:undefined-instruction"), Guests.clauses(machine));
    }
}
