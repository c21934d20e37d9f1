package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ultravisor's answers. */
class PefOrderTest {

    private static final long PAGE = 0x30_0000L;
    private static final long FRAME = PAGE / PokedPlatform.LARGE_PAGE;
    private static final int U_FUNCTION = -2;
    private static final int U_PARAMETER = -4;
    private static final int U_P2 = -55;

    private EmulatedMachine machine;
    private PokedPlatform poked;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.PSERIES_SVM).build();
        poked = new PokedPlatform(machine, Platform.PSERIES_SVM);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    @Test
    void pagesAreCountedIn64KiB() {
        assertEquals(0, poked.ultravisor(0xf130, FRAME, 2));
        assertEquals(
                List.of(new SharedPages.Range(PAGE, 0x2_0000)),
                machine.sharedPages().ranges());
    }

    @Test
    void aFrameOf4KiBIsAnotherPage() {
        // The mistake of a guest that thinks in 4 KiB: 0x300 is 48 MiB here, which is not RAM.
        assertEquals(U_PARAMETER, poked.ultravisor(0xf130, PAGE / 4096, 1));
        assertEquals(List.of("pef:outside-ram"), Guests.clauses(machine));
    }

    @Test
    void badCountsAreTheSecondParameter() {
        for (long count : new long[] {0, -1, 1000, Long.MAX_VALUE}) {
            assertEquals(U_P2, poked.ultravisor(0xf130, FRAME, count), () -> "count " + count);
        }
        assertEquals(U_PARAMETER, poked.ultravisor(0xf130, -1, 1));
        assertEquals(U_PARAMETER, poked.ultravisor(0xf130, Long.MAX_VALUE, 1));
        assertEquals(0, machine.sharedPages().count());
        assertEquals(6, machine.guestErrors().size());
    }

    @Test
    void callsOfTheHypervisorAreNotForTheGuest() {
        assertEquals(U_FUNCTION, poked.ultravisor(0xf128, FRAME, 1));
        assertEquals(List.of("pef:function"), Guests.clauses(machine));
    }

    @Test
    void everythingCanBeUnsharedAtOnce() {
        poked.ultravisor(0xf130, FRAME, 1);
        poked.ultravisor(0xf130, 0x1_0000, 2);
        assertEquals(3, machine.sharedPages().count());
        PokedDevice disk = PokedDevice.first(machine, 2);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("shared"));
        PokedPlatform.put(disk, PAGE + 0x1_0000, PokedPlatform.text("private"));
        assertEquals(0, poked.ultravisor(0xf140));
        assertEquals(0, machine.sharedPages().count());
        assertFalse(Arrays.equals(PokedPlatform.text("shared"), PokedPlatform.bytes(disk, PAGE)));
        assertArrayEquals(
                PokedPlatform.text("private"), PokedPlatform.bytes(disk, PAGE + 0x1_0000), "it was not shared");
    }

    @Test
    void sharingTwiceIsAllowedAndLosesTheContent() {
        PokedDevice disk = PokedDevice.first(machine, 2);
        poked.ultravisor(0xf130, FRAME, 1);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("gone"));
        assertEquals(0, poked.ultravisor(0xf130, FRAME, 1));
        assertFalse(Arrays.equals(PokedPlatform.text("gone"), PokedPlatform.bytes(disk, PAGE)));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void unsharingAPrivatePageIsAllowedAndLosesTheContent() {
        PokedDevice disk = PokedDevice.first(machine, 2);
        PokedPlatform.put(disk, PAGE, PokedPlatform.text("gone"));
        assertEquals(0, poked.ultravisor(0xf134, FRAME, 1));
        assertFalse(Arrays.equals(PokedPlatform.text("gone"), PokedPlatform.bytes(disk, PAGE)));
    }

    @Test
    void pageTablesHaveNoBitForIt() {
        poked.acts.mapPages(PAGE, 0x1_0000, 0);
        MachineDiedException died = assertThrows(
                MachineDiedException.class, () -> poked.acts.mapPages(PAGE, 0x1_0000, PokedPlatform.SHARED_BIT));
        assertTrue(died.getMessage().contains("pef:address-bits"), died::getMessage);
    }
}
