package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.FailConversionAt;
import dev.postern.machine.CpuFacts;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.MachineDiedException;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The answers of IBM Z's ultravisor. */
class UvcOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long SHARE = 0x1000;
    private static final long UNSHARE = 0x1001;

    private EmulatedMachine machine;
    private PokedPlatform poked;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.S390_PV).build();
        poked = new PokedPlatform(machine, Platform.S390_PV);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    @Test
    void theFacilityAndTheQueryTellAGuestWhatItIs() {
        CpuFacts facts = machine.cpuFacts().orElseThrow();
        assertEquals(Architecture.S390X, facts.architecture());
        assertTrue(facts.facility(158));
        assertFalse(facts.facility(157));
        long[] answer = poked.acts.execute(Instruction.UVC, 0x0001);
        assertEquals(0, answer[0]);
        assertEquals(1, answer[1]);
        assertEquals(3, answer[2] >>> 63 - 9 & 3, "calls 8 and 9, counted from the left");
        assertEquals(0, answer[2] >>> 63 - 7 & 1, "converting pages is for the hypervisor");
    }

    @Test
    void aPageIsSharedAndUnshared() {
        assertArrayEquals(new long[] {0, 1}, poked.uvc(SHARE, PAGE));
        assertEquals(
                List.of(new SharedPages.Range(PAGE, 4096)),
                machine.sharedPages().ranges());
        assertArrayEquals(new long[] {0, 1}, poked.uvc(UNSHARE, PAGE));
        assertEquals(0, machine.sharedPages().count());
    }

    @Test
    void theAddressAloneIsEnoughOfAControlBlock() {
        assertArrayEquals(new long[] {0, 1}, poked.acts.execute(Instruction.UVC, SHARE, PAGE));
        assertTrue(machine.sharedPages().contains(PAGE));
    }

    @Test
    void sharingAgainChangesNothing() {
        PokedDevice disk = PokedDevice.first(machine, 2);
        poked.uvc(SHARE, PAGE);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("kept"));
        assertArrayEquals(new long[] {0, 1}, poked.uvc(SHARE, PAGE));
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE));
    }

    @Test
    void anAddressThatIsNoPageOfRamFails() {
        assertEquals(1, poked.uvc(SHARE, PAGE + 8)[0]);
        assertEquals(1, poked.uvc(SHARE, 0x4000_0000L)[0]);
        assertEquals(1, poked.uvc(SHARE, -4096)[0]);
        assertEquals(List.of("s390-pv:address", "s390-pv:outside-ram", "s390-pv:outside-ram"), Guests.clauses(machine));
    }

    @Test
    void commandsOfTheHypervisorAreInvalid() {
        assertArrayEquals(new long[] {1, 2}, poked.acts.execute(Instruction.UVC, 0x0200, PAGE));
        assertEquals(List.of("s390-pv:command"), Guests.clauses(machine));
    }

    @Test
    void aFailedCallLeavesThePage() {
        try (EmulatedMachine failing = PokedPlatform.machine(Platform.S390_PV)
                .mischief(new FailConversionAt(1))
                .build()) {
            PokedPlatform guest = new PokedPlatform(failing, Platform.S390_PV);
            long[] codes = guest.uvc(SHARE, PAGE);
            assertEquals(1, codes[0]);
            assertTrue(codes[1] != 1, "not executed");
            assertEquals(0, failing.sharedPages().count());
            assertEquals(0, guest.uvc(SHARE, PAGE)[0], "only the first fails");
        }
    }

    @Test
    void aDeviceGetsTheExportedPageAndItsWriteIsFoundOut() {
        PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.S390_PV);
        byte[] secret = PokedPlatform.text("attack at dawn");
        PokedPlatform.put(disk, PAGE, secret);
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PAGE, 512));
        assertFalse(Arrays.equals(secret, PokedPlatform.sector(disk, 3)));
        PokedPlatform.transfer(disk, 0, 3, PAGE, 512);
        poked.uvc(SHARE, PAGE);
        assertEquals(
                List.of("s390-pv:private-page", "s390-pv:private-page", "s390-pv:integrity"), Guests.clauses(machine));
        assertFalse(Arrays.equals(secret, PokedPlatform.bytes(disk, PAGE)));
    }

    @Test
    void pageTablesHaveNoBitForIt() {
        poked.acts.mapPages(PAGE, 4096, 0);
        MachineDiedException died =
                assertThrows(MachineDiedException.class, () -> poked.acts.mapPages(PAGE, 4096, 1L << 51));
        assertTrue(died.getMessage().contains("s390-pv:address-bits"), died::getMessage);
    }

    @Test
    void theCallOfPowerIsNotThisOne() {
        assertThrows(MachineDiedException.class, () -> poked.ultravisor(0xf130, PAGE >>> 16, 1));
        assertEquals(List.of("s390-pv:undefined-instruction"), Guests.clauses(machine));
    }
}
