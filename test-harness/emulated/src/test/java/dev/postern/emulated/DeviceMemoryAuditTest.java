package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class DeviceMemoryAuditTest {

    @SuppressWarnings("unused")
    private static final List<Platform> PLAIN_AND_SECURE = PokedPlatform.PLAIN_AND_SECURE;

    @SuppressWarnings("unused")
    private static final List<Platform> SECURE = PokedPlatform.SECURE;

    private static final byte[] CANARY = "canary-0123456789-yranac".getBytes(StandardCharsets.US_ASCII);
    private static final long PRIVATE = 0x30_0000L;

    private static EmulatedMachine audited(Platform platform) {
        EmulatedMachine machine = PokedPlatform.machine(platform).auditDevices().build();
        machine.audit().watch(CANARY);
        return machine;
    }

    @ParameterizedTest
    @FieldSource("PLAIN_AND_SECURE")
    void whatADeviceReadIsFound(Platform platform) {
        try (EmulatedMachine machine = audited(platform)) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform.put(disk, disk.data() + 100, CANARY);
            assertEquals(List.of(), machine.audit().findInDeviceReads(CANARY), "nothing was read yet");
            PokedPlatform.transfer(disk, 1, 0, disk.data(), 512);
            assertEquals(
                    List.of(new ReadSighting(0x08, disk.dma(disk.data() + 100 + CANARY.length - 1))),
                    machine.audit().findInDeviceReads(CANARY));
        }
    }

    @ParameterizedTest
    @FieldSource("SECURE")
    void whatIsPrivateIsNotFound(Platform platform) {
        try (EmulatedMachine machine = audited(platform)) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            PokedPlatform.put(disk, PRIVATE, CANARY);
            PokedPlatform.transfer(disk, 1, 0, PRIVATE, 512);
            assertEquals(List.of(), machine.audit().findInDeviceReads(CANARY));
            assertEquals(List.of(), machine.audit().findInSharedPages(CANARY));
        }
    }

    @Test
    void aBufferThatIsOnlyCheckedOrWrittenIsNotARead() {
        try (EmulatedMachine machine = audited(Platform.PLAIN)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            PokedPlatform.put(disk, disk.data(), CANARY);
            PokedPlatform.transfer(disk, 0, 0, disk.data(), 512);
            // Beyond the end of the disk: the buffer is looked up, and nothing is fetched from it.
            PokedPlatform.put(disk, disk.data(), CANARY);
            assertEquals(1, PokedPlatform.transfer(disk, 1, 1 << 20, disk.data(), 512));
            assertEquals(List.of(), machine.audit().findInDeviceReads(CANARY));
        }
    }

    @Test
    void aNeedleInTwoBuffersOfOneRequestIsFound() {
        try (EmulatedMachine machine = audited(Platform.PLAIN)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            long one = disk.data() + 0x400;
            long other = disk.data();
            PokedPlatform.put(disk, one + 500, Arrays.copyOf(CANARY, 12));
            PokedPlatform.put(disk, other, Arrays.copyOfRange(CANARY, 12, CANARY.length));
            disk.header(1, 0);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, one, 512, PokedDevice.NEXT, 2);
            disk.descriptor(2, other, 512, PokedDevice.NEXT, 3);
            disk.descriptor(3, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            assertEquals(true, disk.waitUsed(1));
            assertEquals(
                    List.of(new ReadSighting(0x08, other + CANARY.length - 13)),
                    machine.audit().findInDeviceReads(CANARY));
        }
    }

    @ParameterizedTest
    @FieldSource("SECURE")
    void sharedPagesAreSearchedAlsoAcrossTheirBorders(Platform platform) {
        try (EmulatedMachine machine = audited(platform)) {
            PokedDevice disk = PokedPlatform.sharedDisk(machine, platform);
            long inside = disk.queueBase + 0x9000;
            long across = disk.queueBase + 0x8000 - 5;
            PokedPlatform.put(disk, inside, CANARY);
            PokedPlatform.put(disk, across, CANARY);
            PokedPlatform.put(disk, PRIVATE, CANARY);
            assertEquals(List.of(across, inside), machine.audit().findInSharedPages(CANARY));
            new PokedPlatform(machine, platform).unshare(disk.queueBase, PokedPlatform.LARGE_PAGE);
            assertEquals(List.of(), machine.audit().findInSharedPages(CANARY));
        }
    }

    @Test
    void onAPlainMachineAllRamIsSearched() {
        try (EmulatedMachine machine = audited(Platform.PLAIN)) {
            PokedPlatform.put(PokedDevice.first(machine, 2), PRIVATE, CANARY);
            assertEquals(List.of(PRIVATE), machine.audit().findInSharedPages(CANARY));
        }
    }

    @Test
    void aPageThatTheHostSharesIsSearchedWhateverTheCpuMaps() {
        try (EmulatedMachine machine = audited(Platform.TDX)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPlatform poked = new PokedPlatform(machine, Platform.TDX);
            poked.share(PRIVATE, 4096);
            PokedPlatform.put(disk, PRIVATE, CANARY);
            poked.acts.mapPages(PRIVATE, 4096, 0);
            assertEquals(List.of(PRIVATE), machine.audit().findInSharedPages(CANARY));
        }
    }

    @Test
    void theSightingsOutliveTheMachine() {
        EmulatedMachine machine = audited(Platform.PLAIN);
        try (machine) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            PokedPlatform.put(disk, disk.data(), CANARY);
            PokedPlatform.transfer(disk, 1, 0, disk.data(), 512);
        }
        assertEquals(1, machine.audit().findInDeviceReads(CANARY).size());
    }

    @Test
    void anAuditMustBeAskedForAndANeedleWatched() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            assertThrows(IllegalStateException.class, machine::audit);
        }
        try (EmulatedMachine machine = audited(Platform.PLAIN)) {
            assertThrows(IllegalArgumentException.class, () -> machine.audit().findInDeviceReads(new byte[] {1}));
            assertThrows(IllegalArgumentException.class, () -> machine.audit().watch(new byte[0]));
        }
    }
}
