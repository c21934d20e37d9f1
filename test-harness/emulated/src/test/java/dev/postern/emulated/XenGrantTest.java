package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.mischief.NeverFinishReset;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Devices that are given grant references: what a grant permits, and what is refused. */
class XenGrantTest {

    private static final long PAGE_A = 0x30_0000L;
    private static final int REF = 40;

    private static EmulatedMachine machine(Platform platform) {
        return PokedXen.machine(platform, VirtioOptions.DEFAULTS.offer(33)).build();
    }

    private static byte[] content(long sector, int bytes) {
        byte[] content = new byte[bytes];
        SeededContent.fill(42, sector * 512, MemorySegment.ofArray(content));
        return content;
    }

    /** A request whose data is at a device address. */
    private static int transfer(PokedDevice disk, int type, long dva, int length) {
        return PokedPlatform.transfer(disk, type, 3, dva, length);
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void ringsAndBuffersThatAreGrantedAreServed(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            assertEquals(0, disk.request(0, 3, 512));
            assertArrayEquals(content(3, 512), disk.data(512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void aRunOfReferencesIsOneRangeWhateverPagesItNames(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            long first = PAGE_A + 0x5000;
            xen.grant(REF, first, PokedXen.PERMIT);
            xen.grant(REF + 1, PAGE_A, PokedXen.PERMIT);
            machine.audit().mark();
            assertEquals(0, transfer(disk, 0, PokedXen.dva(REF, 0xe00), 1024));
            byte[] expected = content(3, 1024);
            assertArrayEquals(Arrays.copyOf(expected, 512), PokedPlatform.bytes(disk, first + 0xe00));
            assertArrayEquals(Arrays.copyOfRange(expected, 512, 1024), PokedPlatform.bytes(disk, PAGE_A));
            assertTrue(machine.audit().writtenSinceMark().contains(new Range(first + 0xe00, 512)));
            assertTrue(machine.audit().writtenSinceMark().contains(new Range(PAGE_A, 512)));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void aReadOnlyGrantIsReadAndNotWritten(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            PokedPlatform.put(disk, PAGE_A, PokedPlatform.text("kept"));
            xen.grant(REF, PAGE_A, PokedXen.PERMIT | PokedXen.READ_ONLY);
            assertEquals(0, transfer(disk, 1, PokedXen.dva(REF, 0), 512));
            assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.sector(disk, 3));
            assertNotEquals(0, transfer(disk, 0, PokedXen.dva(REF, 0), 512));
            assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE_A));
            Guests.assertClause(machine, "xen:grant-read-only");
        }
    }

    private static void assertRefused(Platform platform, String clause, ToLongFunction<PokedXen> prepare) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            PokedPlatform.put(disk, PAGE_A, PokedPlatform.text("kept"));
            long dva = prepare.applyAsLong(xen);
            assertEquals(List.of(), machine.guestErrors());
            assertNotEquals(0, transfer(disk, 0, dva, 512), clause);
            Guests.assertClause(machine, clause);
            disk.start(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
            byte[] before = PokedPlatform.sector(disk, 3);
            assertNotEquals(0, transfer(disk, 1, dva, 512), clause);
            disk.start(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
            assertArrayEquals(before, PokedPlatform.sector(disk, 3));
            assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, PAGE_A));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void whatIsNotGrantedIsRefusedBothWays(Platform platform) {
        assertRefused(platform, "xen:grant-absent", _ -> PokedXen.dva(REF, 0));
        assertRefused(platform, "xen:grant-absent", xen -> {
            xen.grant(REF, PAGE_A, PokedXen.PERMIT);
            xen.end(REF);
            return PokedXen.dva(REF, 0);
        });
        assertRefused(platform, "xen:grant-reference", _ -> PokedXen.dva(512, 0));
        assertRefused(platform, "xen:grant-reference", _ -> -1L);
        assertRefused(platform, "xen:grant-domain", xen -> {
            xen.grantFrame(REF, xen.number.applyAsLong(PAGE_A), xen.backend + 1, PokedXen.PERMIT);
            return PokedXen.dva(REF, 0);
        });
        assertRefused(platform, "xen:grant-frame", xen -> {
            xen.grantFrame(REF, 0x7fff_ffff, xen.backend, PokedXen.PERMIT);
            return PokedXen.dva(REF, 0);
        });
        assertRefused(platform, "xen:grant-frame", xen -> {
            xen.grant(REF, PokedXen.TABLE, PokedXen.PERMIT);
            return PokedXen.dva(REF, 0);
        });
        assertRefused(platform, "xen:not-a-grant", _ -> PAGE_A);
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV"})
    void aGrantByTheGuestsOwnFrameNumberIsRefusedToAParavirtualisedGuest(Platform platform) {
        assertRefused(platform, "xen:grant-frame", xen -> {
            xen.grantFrame(REF, PAGE_A / 4096, xen.backend, PokedXen.PERMIT);
            return PokedXen.dva(REF, 0);
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void ringsStayMappedUntilAResetAndTheEntriesSaySo(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            assertEquals(PokedXen.PERMIT, xen.flags(16));
            assertEquals(0, disk.request(0, 3, 512));
            assertEquals(PokedXen.PERMIT | 8, xen.flags(16), "the descriptors are read");
            assertEquals(PokedXen.PERMIT | 8, xen.flags(17), "the available ring is read");
            assertEquals(PokedXen.PERMIT | 8 | 16, xen.flags(18), "the used ring is written");
            assertEquals(PokedXen.PERMIT, xen.flags(24), "buffers are not kept");
            disk.reset();
            for (int reference = 16; reference < 32; reference++) {
                assertEquals(PokedXen.PERMIT, xen.flags(reference));
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void aGrantEndedTooEarlyStaysInTheBackEndsReachAndIsWrittenDown(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            assertEquals(0, disk.request(0, 3, 512));
            xen.end(18);
            assertEquals(0, disk.request(0, 3, 512), "the used ring is mapped all the same");
            assertEquals(List.of("xen:grant-in-use"), Guests.clauses(machine));
            assertTrue(machine.deviceReach("d0").canWrite(disk.used(0), 4096));
            disk.reset();
            assertEquals(0, xen.flags(18), "nothing comes back");
            assertFalse(machine.audit().writtenSinceMark().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void aDeviceThatNeverFinishesItsResetKeepsItsRings(Platform platform) {
        try (EmulatedMachine machine = PokedXen.machine(
                        platform, VirtioOptions.DEFAULTS.offer(33).mischief(new NeverFinishReset()))
                .build()) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            assertEquals(0, disk.request(0, 3, 512));
            disk.status(0);
            assertNotEquals(0, disk.status());
            assertEquals(PokedXen.PERMIT | 8 | 16, xen.flags(18));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void theReachOfADeviceIsTheGrantsInForce(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            xen.grant(REF, PAGE_A, PokedXen.PERMIT | PokedXen.READ_ONLY);
            List<Range> rings = List.of(new Range(disk.queueBase, 0x1_0000));
            assertEquals(
                    new DeviceReach(List.of(rings.getFirst(), new Range(PAGE_A, 4096)), rings),
                    machine.deviceReach("d0"));
            assertEquals(17, machine.sharedPages().count());
            byte[] needle = PokedPlatform.text("needle in a page");
            PokedPlatform.put(disk, PAGE_A, needle);
            PokedPlatform.put(disk, PAGE_A + 4096, needle);
            assertEquals(List.of(PAGE_A), machine.audit().findInSharedPages(needle));
            xen.end(REF);
            assertEquals(new DeviceReach(rings, rings), machine.deviceReach("d0"));
            assertEquals(List.of(), machine.audit().findInSharedPages(needle));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XEN_PV", "XEN_ARM"})
    void aMessageForAnInterruptNeedsNoGrant(Platform platform) {
        try (EmulatedMachine machine = machine(platform)) {
            PokedXen xen = new PokedXen(machine, platform).placeTable();
            PokedDevice disk = xen.grantedDisk();
            disk.negotiate(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
            disk.msixControl(0x8000);
            disk.vector(0, PAGE_A, 0x4321, 0);
            disk.enableQueue(0, 0);
            disk.status(15);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(0x4321, disk.get32(PAGE_A));
            assertEquals(List.of(), machine.guestErrors());
        }
    }
}
