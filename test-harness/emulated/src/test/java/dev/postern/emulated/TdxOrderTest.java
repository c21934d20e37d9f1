package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What goes wrong on TDX, and what the machine says to it. */
class TdxOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long HOLE = 0x4000_0000L;
    private static final long INVALID_OPERAND = 0x8000_0000_0000_0000L;

    private EmulatedMachine machine;
    private PokedPlatform poked;
    private PokedDevice disk;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.TDX).build();
        poked = new PokedPlatform(machine, Platform.TDX);
        disk = PokedPlatform.sharedDisk(machine, Platform.TDX);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    private void assertDies(String clause, Executable act) {
        MachineDiedException died = assertThrows(MachineDiedException.class, act);
        assertTrue(died.getMessage().contains(clause), died::getMessage);
        assertEquals(List.of(clause), Guests.clauses(machine));
        assertThrows(MachineDiedException.class, () -> machine.cpu().relax());
    }

    @Test
    void acceptingTwiceIsAnErrorAndChangesNothing() {
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("kept"));
        assertEquals(0x0000_0b0a_0000_0000L, poked.accept(PAGE));
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE));
        assertEquals(List.of("tdx:accept"), Guests.clauses(machine));
    }

    @Test
    void acceptingWhatTheHostHasNotGivenIsFatal() {
        poked.share(PAGE, 4096);
        assertDies("tdx:accept", () -> poked.accept(PAGE));
    }

    @Test
    void acceptingOutsideRamIsFatal() {
        assertDies("tdx:outside-ram", () -> poked.accept(HOLE));
    }

    @Test
    void acceptingWithTheSharedBitIsABadOperand() {
        assertEquals(0xc000_0100_0000_0001L, poked.accept(PAGE | PokedPlatform.SHARED_BIT));
        assertEquals(List.of("tdx:accept"), Guests.clauses(machine));
    }

    @Test
    void aLargePageIsASizeMismatchAndAnUnalignedOneABadOperand() {
        assertEquals(0xc000_0b0b_0000_0000L, poked.accept(0x20_0000L | 1));
        assertEquals(List.of(), machine.guestErrors());
        assertEquals(0xc000_0100_0000_0001L, poked.accept(0x20_1000L | 1));
        assertEquals(List.of("tdx:accept"), Guests.clauses(machine));
    }

    @Test
    void mappingSharedWithoutConvertingHidesThePageFromBothSides() {
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("kept"));
        poked.acts.mapPages(PAGE, 4096, PokedPlatform.SHARED_BIT);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("lost"));
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertArrayEquals(new byte[512], PokedPlatform.sector(disk, 3), "the device has another page");
        poked.acts.mapPages(PAGE, 4096, 0);
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE));
        assertEquals(List.of("tdx:private-page", "tdx:unmatched-mapping"), Guests.clauses(machine));
    }

    @Test
    void convertingWithoutMappingSharedLosesWhatTheCpuStores() {
        assertEquals(0, poked.mapGpa(PAGE | PokedPlatform.SHARED_BIT, 4096)[5]);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("lost"));
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertFalse(Arrays.equals(PokedPlatform.text("lost"), PokedPlatform.sector(disk, 3)));
        assertEquals(List.of("tdx:unmatched-mapping"), Guests.clauses(machine));
    }

    @Test
    void unsharingWithoutAcceptingLosesWhatTheCpuStores() {
        poked.share(PAGE, 4096);
        poked.acts.mapPages(PAGE, 4096, 0);
        poked.mapGpa(PAGE, 4096);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("too early"));
        assertEquals(0, poked.accept(PAGE));
        assertFalse(Arrays.equals(PokedPlatform.text("too early"), PokedPlatform.bytes(disk, PAGE)));
        assertEquals(List.of("tdx:unmatched-mapping"), Guests.clauses(machine));
    }

    @Test
    void anotherBitThanTheSharedBitIsFatalInPageTables() {
        assertDies("tdx:shared-bit", () -> poked.acts.mapPages(PAGE, 4096, 1L << 47));
    }

    @Test
    void anotherBitThanTheSharedBitIsNoRamToMapGpa() {
        assertEquals(INVALID_OPERAND, poked.mapGpa(PAGE | 1L << 47, 4096)[5]);
        assertEquals(INVALID_OPERAND, poked.mapGpa(PAGE | 1L << 52, 4096)[5]);
        assertEquals(List.of("tdx:outside-ram", "tdx:map-gpa"), Guests.clauses(machine));
    }

    @Test
    void mapGpaTakesWholePagesOfRam() {
        assertEquals(0x8000_0000_0000_0002L, poked.mapGpa(PAGE + 8, 4096)[5]);
        assertEquals(0x8000_0000_0000_0002L, poked.mapGpa(PAGE, 8)[5]);
        assertEquals(INVALID_OPERAND, poked.mapGpa(PAGE, 0)[5]);
        assertEquals(INVALID_OPERAND, poked.mapGpa(PAGE, -4096)[5]);
        assertEquals(INVALID_OPERAND, poked.mapGpa(HOLE, 4096)[5]);
        assertEquals(5, machine.guestErrors().size());
    }

    @Test
    void theHostSeesOnlyExposedRegisters() {
        long[] results = poked.acts.execute(
                Instruction.TDCALL, 0, 0, 0, 0, 0, 0, 0x10001, PAGE | PokedPlatform.SHARED_BIT, 4096);
        assertEquals(0, results[0]);
        assertFalse(machine.sharedPages().contains(PAGE));
        assertEquals("tdx:register-mask", Guests.clauses(machine).getFirst());
    }

    @Test
    void aMaskWithRaxIsABadOperand() {
        assertNotEquals(0, poked.acts.execute(Instruction.TDCALL, 0, 0x3c01, 0, 0, 0, 0, 0x10001, PAGE, 4096)[0]);
        assertEquals(List.of("tdx:register-mask"), Guests.clauses(machine));
    }

    @Test
    void unknownLeavesAndFunctionsFail() {
        assertEquals(0xc000_0100_0000_0000L, poked.acts.execute(Instruction.TDCALL, 99)[0]);
        assertEquals(0x8000_0000_0000_0003L, poked.acts.execute(Instruction.TDCALL, 0, 0x3c00, 0, 0, 0, 0, 0x1ffff)[5]);
        assertEquals(INVALID_OPERAND, poked.acts.execute(Instruction.TDCALL, 0, 0x3c00, 0, 0, 0, 1, 0x10001)[5]);
        assertEquals(0, poked.acts.execute(Instruction.TDCALL, 0, 0x3c00, 0, 0, 0, 0, 0x10000)[5]);
        assertEquals(List.of("tdx:leaf", "tdx:vmcall", "tdx:vmcall"), Guests.clauses(machine));
    }

    @Test
    void aReportedFatalErrorEndsTheMachine() {
        MachineDiedException died = assertThrows(
                MachineDiedException.class,
                () -> poked.acts.execute(Instruction.TDCALL, 0, 0x3c00, 0, 0, 0, 0, 0x10003, 0x17));
        assertTrue(died.getMessage().contains("0x17"), died::getMessage);
        assertEquals(List.of(), machine.guestErrors());
    }
}
