package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/** What goes wrong on SEV-SNP, and what the machine says to it. */
class SnpOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long HOLE = 0x4000_0000L;

    private EmulatedMachine machine;
    private PokedPlatform poked;
    private PokedDevice disk;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.SEV_SNP).build();
        poked = new PokedPlatform(machine, Platform.SEV_SNP);
        disk = PokedPlatform.sharedDisk(machine, Platform.SEV_SNP);
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
    void validatingTwiceSetsTheCarryAndChangesNothing() {
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("kept"));
        assertArrayEquals(new long[] {0, 1}, poked.pvalidate(PAGE, 1));
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE));
        assertEquals(List.of("sev-snp:pvalidate"), Guests.clauses(machine));
    }

    @Test
    void rescindingTwiceSetsTheCarry() {
        assertArrayEquals(new long[] {0, 0}, poked.pvalidate(PAGE, 0));
        assertArrayEquals(new long[] {0, 1}, poked.pvalidate(PAGE, 0));
        assertEquals(List.of("sev-snp:pvalidate"), Guests.clauses(machine));
    }

    @Test
    void sharingWithoutRescindingIsNoted() {
        assertEquals(0x015, poked.pageState(PAGE, 2));
        assertEquals(List.of("sev-snp:rescind"), Guests.clauses(machine));
        assertTrue(machine.sharedPages().contains(PAGE));
    }

    @Test
    void validatingBeforeTheHostHasGivenThePageIsFatal() {
        poked.share(PAGE, 4096);
        assertDies("sev-snp:pvalidate", () -> poked.pvalidate(PAGE, 1));
    }

    @Test
    void aSharedPageThatIsStillMappedPrivateShowsDifferentBytesToEachSide() {
        poked.pvalidate(PAGE, 0);
        poked.pageState(PAGE, 2);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("written through the C-bit"));
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertFalse(Arrays.equals(PokedPlatform.text("written through the C-bit"), PokedPlatform.sector(disk, 3)));
        assertEquals(List.of("sev-snp:unmatched-mapping"), Guests.clauses(machine));
        // With the mapping put right, the CPU sees what the device side has, not what it stored itself.
        poked.acts.mapPages(PAGE, 4096, 0);
        assertArrayEquals(PokedPlatform.sector(disk, 3), PokedPlatform.bytes(disk, PAGE));
        assertEquals(
                List.of("sev-snp:unmatched-mapping", "sev-snp:unmatched-mapping"),
                Guests.clauses(machine),
                "the lost store is noted too");
    }

    @Test
    void aPrivatePageMappedSharedIsOutOfSightAndNotLost() {
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("kept"));
        poked.acts.mapPages(PAGE, 4096, 0);
        assertFalse(Arrays.equals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE)));
        poked.acts.mapPages(PAGE, 4096, PokedPlatform.C_BIT);
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void unsharingWithoutValidatingLeavesThePageUnusable() {
        poked.share(PAGE, 4096);
        poked.acts.mapPages(PAGE, 4096, PokedPlatform.C_BIT);
        poked.pageState(PAGE, 1);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("too early"));
        poked.pvalidate(PAGE, 1);
        assertFalse(Arrays.equals(PokedPlatform.text("too early"), PokedPlatform.bytes(disk, PAGE)));
        assertEquals(List.of("sev-snp:unmatched-mapping"), Guests.clauses(machine));
    }

    @Test
    void aPageTakenBackWhileADeviceHasItShowsTheDeviceCiphertext() {
        poked.share(PAGE, 4096);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("shared"));
        poked.unshare(PAGE, 4096);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("secret"));
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        byte[] seen = PokedPlatform.sector(disk, 3);
        assertFalse(Arrays.equals(PokedPlatform.text("shared"), seen));
        assertFalse(Arrays.equals(PokedPlatform.text("secret"), seen));
        assertEquals(List.of("sev-snp:private-page"), Guests.clauses(machine));
    }

    @Test
    void anotherBitThanTheCBitIsFatal() {
        assertDies("sev-snp:c-bit", () -> poked.acts.mapPages(PAGE, 4096, 1L << 47));
    }

    @Test
    void aPageOutsideRamCannotBeConverted() {
        assertEquals(1, poked.pageState(HOLE, 2) >>> 32);
        assertEquals(List.of("sev-snp:outside-ram"), Guests.clauses(machine));
        assertEquals(0x015, poked.pageState(PAGE, 2) & 0xfff);
    }

    @Test
    void validatingOutsideRamIsFatal() {
        assertDies("sev-snp:outside-ram", () -> poked.pvalidate(HOLE, 1));
    }

    @Test
    void theCBitInAPageStateChangeIsOutsideRam() {
        assertEquals(1, poked.pageState(PAGE | PokedPlatform.C_BIT, 2) >>> 32);
        assertEquals(List.of("sev-snp:outside-ram"), Guests.clauses(machine));
    }

    @Test
    void anUnknownPageOperationFails() {
        assertEquals(1, poked.pageState(PAGE, 3) >>> 32);
        assertEquals(List.of("sev-snp:page-state-change"), Guests.clauses(machine));
    }

    @Test
    void aLargePageIsASizeMismatchAndAnUnalignedOneBadInput() {
        assertArrayEquals(new long[] {6, 0}, poked.acts.execute(Instruction.PVALIDATE, 0x20_0000, 1, 1));
        assertEquals(List.of(), machine.guestErrors());
        assertArrayEquals(new long[] {1, 0}, poked.acts.execute(Instruction.PVALIDATE, 0x20_1000, 1, 1));
        assertArrayEquals(new long[] {1, 0}, poked.acts.execute(Instruction.PVALIDATE, PAGE + 8, 0, 1));
        assertEquals(List.of("sev-snp:pvalidate", "sev-snp:pvalidate"), Guests.clauses(machine));
    }

    @Test
    void theMsrProtocolTellsTheCBitAndTheFeatures() {
        long info = poked.acts.execute(Instruction.VMGEXIT, 0x002)[0];
        assertEquals(0x001, info & 0xfff);
        assertEquals(51, info >>> 24 & 0xff);
        assertEquals(2, info >>> 48);
        long features = poked.acts.execute(Instruction.VMGEXIT, 0x080)[0];
        assertEquals(0x081, features & 0xfff);
        assertEquals(1, features >>> 12 & 1, "SNP");
        assertEquals(PAGE | 0x013, poked.acts.execute(Instruction.VMGEXIT, PAGE | 0x012)[0]);
        long ebx = poked.acts.execute(Instruction.VMGEXIT, 0x8000_001fL << 32 | 1L << 30 | 0x004)[0];
        assertEquals(0x005, ebx & 0xfff);
        assertEquals(51, ebx >>> 32 & 0x3f);
    }

    @Test
    void anUnknownRequestIsFatal() {
        assertDies("sev-snp:ghcb-msr", () -> poked.acts.execute(Instruction.VMGEXIT, 0x7fe));
    }

    @Test
    void aTerminationRequestEndsTheMachine() {
        MachineDiedException died =
                assertThrows(MachineDiedException.class, () -> poked.acts.execute(Instruction.VMGEXIT, 0x02_1100));
        assertTrue(died.getMessage().contains("reason set 1, code 2"), died::getMessage);
    }

    @Test
    void pageTablesTakeWholePagesOnly() {
        assertThrows(IllegalArgumentException.class, () -> poked.acts.mapPages(PAGE + 1, 4096, 0));
        assertThrows(IllegalArgumentException.class, () -> poked.acts.mapPages(PAGE, 100, 0));
    }
}
