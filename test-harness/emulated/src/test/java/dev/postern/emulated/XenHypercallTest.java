package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hypercalls about the grant table: what they answer, and each error. */
class XenHypercallTest {

    private static final long EPERM = -1;
    private static final long ESRCH = -3;
    private static final long EFAULT = -14;
    private static final long EINVAL = -22;
    private static final long ENOSYS = -38;
    private static final long NOWHERE = 0x7000_0000L;
    private static final int PAGE = PokedXen.PAGE;

    private static EmulatedMachine machine(Platform platform) {
        return PokedXen.machine(platform, VirtioOptions.DEFAULTS).build();
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_PV", "XEN_DOM0", "XEN_ARM"})
    void thePageThatTheGuestNamesShowsTheTable(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform);
            xen.put64(PokedXen.TABLE, -1);
            xen.placeTable();
            assertEquals(0, xen.get64(PokedXen.TABLE), "what was there is lost");
            xen.grant(9, 0x30_0000, PokedXen.PERMIT);
            // Moved, it keeps its entries, and the page that it leaves has no memory.
            assertEquals(0, xen.addToPhysmap(PokedXen.SELF, 1, 0, PokedXen.TABLE / PAGE + 1));
            assertEquals(PokedXen.PERMIT, xen.get16(PokedXen.TABLE + PAGE + 72));
            assertNotEquals(PokedXen.PERMIT, xen.get16(PokedXen.TABLE + 72));
            assertFalse(reaches(machine, PokedXen.TABLE));
            // Another frame over it hides it, and it comes back as it was.
            assertEquals(0, xen.addToPhysmap(PokedXen.SELF, 1, 1, PokedXen.TABLE / PAGE + 1));
            assertEquals(0, xen.get16(PokedXen.TABLE + PAGE + 72));
            assertEquals(0, xen.addToPhysmap(PokedXen.SELF, 1, 0, PokedXen.TABLE / PAGE));
            assertEquals(PokedXen.PERMIT, xen.flags(9));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    private static boolean reaches(EmulatedMachine machine, long pa) {
        PokedDevice.first(machine, 2);
        return machine.deviceReach("d0").canRead(pa, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_DOM0"})
    void thePageOfTheTableIsNoMemoryForDevices(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .addressing(pa -> platform == Platform.XEN_DOM0 ? xen.machineAddress(pa) : pa)
                    .start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(0, 0, 512));
            assertNotEquals(0, PokedPlatform.transfer(disk, 0, 0, PokedXen.TABLE, 512));
            Guests.assertClause(machine, "xen:not-ours");
            assertArrayEquals(new byte[512], PokedPlatform.bytes(disk, PokedXen.TABLE));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_PV", "XEN_ARM"})
    void setupTableMakesTheTableLargerAndListsItsFrames(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            assertEquals(0, xen.setupTable(PokedXen.SELF, 2, PokedXen.LIST));
            assertEquals(0, xen.get16(PokedXen.ARGUMENT + 8), "GNTST_okay");
            if (platform == Platform.XEN_PV) {
                assertNotEquals(xen.machineFrame(PokedXen.TABLE), xen.get64(PokedXen.LIST), "Xen's own frame");
                assertNotEquals(xen.get64(PokedXen.LIST), xen.get64(PokedXen.LIST + 8));
            } else {
                assertEquals(PokedXen.TABLE / PAGE, xen.get64(PokedXen.LIST));
                assertEquals(-1, xen.get64(PokedXen.LIST + 8), "nowhere yet");
            }
            assertEquals(0, xen.hypercall(20, 6, PokedXen.ARGUMENT, 1));
            assertEquals(2, xen.get32(PokedXen.ARGUMENT + 4));
            assertEquals(64, xen.get32(PokedXen.ARGUMENT + 8));
            assertEquals(0, xen.get16(PokedXen.ARGUMENT + 12));
        }
    }

    @Test
    void anEntryOfALaterFrameGrantsToo() {
        try (EmulatedMachine machine = PokedXen.machine(Platform.XEN_ARM, VirtioOptions.DEFAULTS.offer(33))
                .build()) {
            PokedXen xen = new PokedXen(machine, Platform.XEN_ARM).placeTable();
            assertEquals(0, xen.addToPhysmap(PokedXen.SELF, 1, 1, PokedXen.TABLE / PAGE + 1));
            PokedDevice disk = xen.grantedDisk();
            // The two pages of the table follow each other, so the entry lies where entry() says.
            xen.grant(700, 0x30_0000, PokedXen.PERMIT);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 3, PokedXen.dva(700, 0), 512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void setupTableSaysInItsStatusWhatIsWrong() {
        try (EmulatedMachine machine = machine(Platform.XEN_PV)) {
            PokedXen xen = new PokedXen(machine, Platform.XEN_PV);
            assertEquals(0, xen.setupTable(PokedXen.SELF, 65, PokedXen.LIST));
            assertEquals(0xffff, xen.get16(PokedXen.ARGUMENT + 8), "GNTST_general_error");
            assertEquals(0, xen.setupTable(0, 1, PokedXen.LIST));
            assertEquals(0xfff8, xen.get16(PokedXen.ARGUMENT + 8), "GNTST_permission_denied");
            assertEquals(0, xen.setupTable(99, 1, PokedXen.LIST));
            assertEquals(0xfffe, xen.get16(PokedXen.ARGUMENT + 8), "GNTST_bad_domain");
            assertEquals(EFAULT, xen.setupTable(PokedXen.SELF, 1, NOWHERE));
            assertEquals(EFAULT, xen.setupTable(PokedXen.SELF, -1, PokedXen.LIST));
            assertEquals(EFAULT, xen.hypercall(20, 2, NOWHERE, 1));
            assertEquals(EINVAL, xen.hypercall(20, 2, PokedXen.ARGUMENT, 2));
            assertEquals(EINVAL, xen.hypercall(20, 6, PokedXen.ARGUMENT, 0));
            assertEquals(EINVAL, xen.hypercall(20, 6, PokedXen.ARGUMENT, -1));
        }
    }

    @Test
    void entriesAreOfVersionOneAndStaySo() {
        try (EmulatedMachine machine = machine(Platform.XEN_HVM)) {
            PokedXen xen = new PokedXen(machine, Platform.XEN_HVM);
            xen.put32(PokedXen.ARGUMENT, 2);
            assertEquals(ENOSYS, xen.hypercall(20, 8, PokedXen.ARGUMENT, 1));
            assertEquals(1, xen.get32(PokedXen.ARGUMENT), "what is in effect");
            assertEquals(0, xen.hypercall(20, 8, PokedXen.ARGUMENT, 1));
            xen.put32(PokedXen.ARGUMENT, 3);
            assertEquals(EINVAL, xen.hypercall(20, 8, PokedXen.ARGUMENT, 1));
            xen.put32(PokedXen.ARGUMENT, PokedXen.SELF);
            assertEquals(0, xen.hypercall(20, 10, PokedXen.ARGUMENT, 1));
            assertEquals(1, xen.get32(PokedXen.ARGUMENT + 4));
            xen.put32(PokedXen.ARGUMENT, 0);
            assertEquals(EPERM, xen.hypercall(20, 10, PokedXen.ARGUMENT, 1));
            xen.put32(PokedXen.ARGUMENT, 99);
            assertEquals(ESRCH, xen.hypercall(20, 10, PokedXen.ARGUMENT, 1));
            assertEquals(EFAULT, xen.hypercall(20, 8, NOWHERE, 1));
            assertEquals(EFAULT, xen.hypercall(20, 10, NOWHERE, 1));
            assertEquals(EFAULT, xen.hypercall(20, 6, NOWHERE, 1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_PV", "XEN_ARM"})
    void everyParameterOfAddToPhysmapIsChecked(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform);
            long frame = PokedXen.TABLE / PAGE;
            assertEquals(EINVAL, xen.addToPhysmap(PokedXen.SELF, 1, 64, frame));
            assertEquals(EINVAL, xen.addToPhysmap(PokedXen.SELF, 1, 0x8000_0000L, frame), "a status frame");
            assertEquals(EINVAL, xen.addToPhysmap(PokedXen.SELF, 1, -1, frame));
            assertEquals(EINVAL, xen.addToPhysmap(PokedXen.SELF, 1, 0, NOWHERE / PAGE));
            assertEquals(EINVAL, xen.addToPhysmap(PokedXen.SELF, 1, 0, -1));
            assertEquals(EINVAL, xen.addToPhysmap(PokedXen.SELF, 0, 0, frame), "there is no shared information");
            assertEquals(ENOSYS, xen.addToPhysmap(PokedXen.SELF, 4, 0, frame));
            assertEquals(EPERM, xen.addToPhysmap(0, 1, 0, frame));
            assertEquals(ESRCH, xen.addToPhysmap(99, 1, 0, frame));
            assertEquals(EFAULT, xen.hypercall(12, 7, NOWHERE));
            assertEquals(EFAULT, xen.hypercall(12, 7, -8));
            assertEquals(0, xen.hypercall(12, 7, argument(xen, frame)));
        }
    }

    private static long argument(PokedXen xen, long frame) {
        xen.put16(PokedXen.ARGUMENT, PokedXen.SELF);
        xen.put32(PokedXen.ARGUMENT + 4, 1);
        xen.put64(PokedXen.ARGUMENT + 8, 0);
        xen.put64(PokedXen.ARGUMENT + 16, frame);
        return PokedXen.ARGUMENT;
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_HVM", "XEN_PV", "XEN_DOM0", "XEN_ARM"})
    void whatIsNotThereSaysSo(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform);
            assertEquals(ENOSYS, xen.hypercall(17, 0), "xen_version");
            assertEquals(ENOSYS, xen.hypercall(99));
            assertEquals(ENOSYS, xen.hypercall(20, 0, PokedXen.ARGUMENT, 1), "map_grant_ref");
            assertEquals(ENOSYS, xen.hypercall(12, 3, PokedXen.ARGUMENT), "current_reservation");
            assertEquals(List.of(), machine.guestErrors(), "asking is no error");
        }
    }

    @Test
    void theFirstDomainMayNameItselfByItsNumber() {
        try (EmulatedMachine machine = machine(Platform.XEN_DOM0)) {
            PokedXen xen = new PokedXen(machine, Platform.XEN_DOM0);
            assertEquals(0, xen.addToPhysmap(0, 1, 0, PokedXen.TABLE / PAGE));
        }
    }
}
