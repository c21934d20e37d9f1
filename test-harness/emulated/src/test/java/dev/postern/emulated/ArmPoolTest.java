package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.mischief.FailConversionAt;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine whose devices are kept to one pool, though no memory is private. */
class ArmPoolTest {

    private static final long POOL = 0x30_0000L;
    private static final long POOL_BYTES = 0x10_0000L;
    private static final long OUTSIDE = 0x28_0000L;

    private EmulatedMachine machine;
    private PokedDevice disk;

    @BeforeEach
    void start() {
        machine = PokedPlatform.machine(Platform.ARM_POOL).auditDevices().build();
        disk = PokedDevice.first(machine, 2).at(POOL).start(PokedDevice.VERSION_1);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    @Test
    void theTreeBindsThePoolToThePciHost() {
        PokedTree tree = new PokedTree(machine.deviceTree().orElseThrow());
        String pool = "/reserved-memory/restricted_dma_reserved@300000";
        assertEquals("restricted-dma-pool", tree.string(pool + "/compatible"));
        assertEquals(POOL, tree.get(pool + "/reg").getLong(0));
        assertEquals(POOL_BYTES, tree.get(pool + "/reg").getLong(8));
        assertEquals(tree.get("/pci@b0000000/memory-region"), tree.get(pool + "/phandle"));
        assertTrue(tree.has("/pci@b0000000/dma-coherent"));
    }

    @Test
    void requestsInsideThePoolAreServedWithoutAnyCall() {
        assertEquals(0, PokedPlatform.transfer(disk, 0, 0, POOL + 0x8_0000, 512));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void aDeviceCannotReadOutside() {
        byte[] before = PokedPlatform.sector(disk, 3);
        PokedPlatform.put(disk, OUTSIDE, PokedPlatform.text("secret"));
        assertNotEquals(0, PokedPlatform.transfer(disk, 1, 3, OUTSIDE, 512));
        Guests.assertClause(machine, "arm:outside-pool");
        disk.start(PokedDevice.VERSION_1);
        assertArrayEquals(before, PokedPlatform.sector(disk, 3));
    }

    @Test
    void norWriteOutside() {
        PokedPlatform.put(disk, OUTSIDE, PokedPlatform.text("kept"));
        assertNotEquals(0, PokedPlatform.transfer(disk, 0, 3, OUTSIDE, 512));
        Guests.assertClause(machine, "arm:outside-pool");
        assertArrayEquals(PokedPlatform.text("kept"), PokedPlatform.bytes(disk, OUTSIDE));
    }

    @Test
    void norGoOnOverTheEdgeOfThePool() {
        assertNotEquals(0, PokedPlatform.transfer(disk, 0, 3, POOL - 256, 512));
        Guests.assertClause(machine, "arm:outside-pool");
        assertArrayEquals(new byte[256], Arrays.copyOf(PokedPlatform.bytes(disk, POOL - 256), 256));
    }

    @Test
    void acceptingTheFeatureDoesNotWidenThePool() {
        try (EmulatedMachine other = EmulatedMachine.builder()
                .platform(Platform.ARM_POOL)
                .ramBytes(8 << 20)
                .device(SeededDisk.of(1 << 20, 42).virtio(VirtioOptions.DEFAULTS.offer(33)))
                .build()) {
            PokedDevice accepting =
                    PokedDevice.first(other, 2).at(POOL).start(PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM);
            assertEquals(0, accepting.request(0, 0, 512));
            assertNotEquals(0, PokedPlatform.transfer(accepting, 0, 3, OUTSIDE, 512));
            Guests.assertClause(other, "arm:outside-pool");
        }
    }

    @Test
    void aMessageForAnInterruptPassesForItGoesToNoMemory() {
        disk.negotiate(PokedDevice.VERSION_1);
        disk.msixControl(0x8000);
        disk.vector(0, OUTSIDE, 0x4321, 0);
        disk.enableQueue(0, 0);
        disk.status(15);
        assertEquals(0, disk.request(0, 0, 512));
        assertEquals(0x4321, disk.get32(OUTSIDE));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void thePoolIsWhatDevicesReachAndWhereALeakIsLookedFor() {
        List<Range> pool = List.of(new Range(POOL, POOL_BYTES));
        assertEquals(new DeviceReach(pool, pool), machine.deviceReach("d0"));
        assertEquals(pool, machine.sharedPages().ranges());
        byte[] needle = PokedPlatform.text("needle in a pool");
        PokedPlatform.put(disk, OUTSIDE, needle);
        assertEquals(List.of(), machine.audit().findInSharedPages(needle));
        PokedPlatform.put(disk, POOL + 0x9_0000, needle);
        assertEquals(List.of(POOL + 0x9_0000), machine.audit().findInSharedPages(needle));
    }

    @Test
    void nothingIsSharedHereSoNoSharingCanFail() {
        assertThrows(
                MachineConfigurationException.class,
                () -> PokedPlatform.machine(Platform.ARM_POOL)
                        .mischief(new FailConversionAt(1))
                        .build());
    }
}
