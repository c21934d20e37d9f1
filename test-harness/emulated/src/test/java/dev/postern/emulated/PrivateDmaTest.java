package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a device reads of a private page, what becomes of its writes, and what the guest sees then. */
class PrivateDmaTest {

    @SuppressWarnings("unused")
    private static final List<Platform> QUIET = PokedPlatform.QUIET;

    private static final byte[] SECRET = PokedPlatform.text("attack at dawn");
    private static final long PRIVATE = 0x30_0000L;

    @ParameterizedTest
    @FieldSource("QUIET")
    void aRequestWithPrivateDataSucceedsAndDoesNotTellTheSecret(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform.put(disk, PRIVATE, SECRET);
            assertEquals(0, PokedPlatform.transfer(disk, 1, 3, PRIVATE, 512), "as QEMU: the status is OK");
            byte[] written = PokedPlatform.sector(disk, 3);
            assertFalse(Arrays.equals(SECRET, written));
            boolean otherBacking = platform == Platform.TDX || platform == Platform.CCA;
            assertEquals(otherBacking, Arrays.equals(new byte[512], written), "zeros where there is another backing");
            assertEquals(List.of(PokedPlatform.prefix(platform) + ":private-page"), Guests.clauses(machine));
        }
    }

    @ParameterizedTest
    @FieldSource("QUIET")
    void aWriteToAPrivatePageNeverReachesTheGuest(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform.put(disk, PRIVATE, SECRET);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 3, PRIVATE, 512));
            assertArrayEquals(SECRET, PokedPlatform.bytes(disk, PRIVATE));
            assertEquals(List.of(PokedPlatform.prefix(platform) + ":private-page"), Guests.clauses(machine));
        }
    }

    @Test
    void snpCiphertextFollowsThePlainText() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV_SNP).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.SEV_SNP);
            byte[][] seen = new byte[3][];
            for (int i = 0; i < 3; i++) {
                PokedPlatform.put(disk, PRIVATE, i == 1 ? PokedPlatform.text("something else") : SECRET);
                PokedPlatform.transfer(disk, 1, 3, PRIVATE, 512);
                seen[i] = PokedPlatform.sector(disk, 3);
            }
            assertArrayEquals(seen[0], seen[2], "the same text at the same address");
            assertFalse(Arrays.equals(seen[0], seen[1]), "another text");
        }
    }

    @Test
    void tdxDevicesReadBackWhatTheyWroteBesideTheGuest() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.TDX).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.TDX);
            byte[] fromDisk = PokedPlatform.sector(disk, 3);
            PokedPlatform.transfer(disk, 0, 3, PRIVATE, 512);
            PokedPlatform.transfer(disk, 1, 4, PRIVATE, 512);
            assertArrayEquals(fromDisk, PokedPlatform.sector(disk, 4));
            new PokedPlatform(machine, Platform.TDX).share(PRIVATE, PokedPlatform.PAGE);
            assertFalse(Arrays.equals(fromDisk, PokedPlatform.bytes(disk, PRIVATE)), "the guest never sees it");
        }
    }

    @Test
    void snpWritesLeaveNothingBehind() {
        try (EmulatedMachine machine = PokedPlatform.machine(Platform.SEV_SNP).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.SEV_SNP);
            byte[] fromDisk = PokedPlatform.sector(disk, 3);
            PokedPlatform.transfer(disk, 0, 3, PRIVATE, 512);
            PokedPlatform.transfer(disk, 1, 4, PRIVATE, 512);
            assertFalse(Arrays.equals(fromDisk, PokedPlatform.sector(disk, 4)));
        }
    }

    @Test
    void aPefPageThatADeviceWroteToIsFoundOutWhenItIsConverted() {
        try (EmulatedMachine machine =
                PokedPlatform.machine(Platform.PSERIES_SVM).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, Platform.PSERIES_SVM);
            PokedPlatform.transfer(disk, 0, 3, PRIVATE, 512);
            PokedPlatform poked = new PokedPlatform(machine, Platform.PSERIES_SVM);
            poked.share(PRIVATE, PokedPlatform.LARGE_PAGE);
            assertEquals(List.of("pef:private-page", "pef:integrity"), Guests.clauses(machine));
            poked.unshare(PRIVATE, PokedPlatform.LARGE_PAGE);
            assertEquals(2, machine.guestErrors().size(), "told once");
        }
    }

    @ParameterizedTest
    @FieldSource("QUIET")
    void ringsInPrivateMemoryAreNeverServed(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(-1, disk.request(0, 0, 512));
            Guests.assertClause(machine, PokedPlatform.prefix(platform) + ":private-page");
        }
    }

    @ParameterizedTest
    @FieldSource("QUIET")
    void aStatusByteInPrivateMemoryIsLostThoughTheRequestIsUsed(Platform platform) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            disk.header(4, 0);
            disk.ram.set(ValueLayout.JAVA_BYTE, PRIVATE, (byte) 0xee);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, PRIVATE, 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            assertEquals(true, disk.waitUsed(1));
            assertEquals(0xee, disk.get8(PRIVATE));
        }
    }

    @ParameterizedTest
    @FieldSource("QUIET")
    void aMessageToAPrivatePageIsLostAndWakesNobody(Platform platform) {
        assertEquals(0, messageAfterARequest(platform, Place.PRIVATE_PAGE));
        assertEquals(0x4321, messageAfterARequest(platform, Place.SHARED_PAGE));
    }

    private enum Place {
        PRIVATE_PAGE,
        SHARED_PAGE
    }

    /** Runs a request, halts until its message wakes the CPU or a second is over, and returns what the message left. */
    private static int messageAfterARequest(Platform platform, Place place) {
        try (EmulatedMachine machine = PokedPlatform.machine(platform).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            new PokedPlatform(machine, platform).share(disk.queueBase, PokedPlatform.LARGE_PAGE);
            long address = place == Place.PRIVATE_PAGE ? PRIVATE : disk.queueBase + 0xf000;
            disk.put32(address, 0);
            disk.negotiate(PokedDevice.VERSION_1);
            disk.msixControl(0x8000);
            disk.vector(0, address, 0x4321, 0);
            disk.enableQueue(0, 0);
            disk.status(15);
            disk.header(4, 0);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            long deadline = machine.cpu().nanoTime() + 1_000_000_000L;
            machine.cpu().halt(deadline);
            boolean woken = machine.cpu().nanoTime() < deadline;
            assertEquals(disk.get32(address) != 0, woken, platform.platformName());
            return disk.get32(address);
        }
    }
}
