package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.SharedPages.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where devices wrote, and what they could reach. */
class DeviceWritesTest {

    private static final long AT = 0x30_0000L;

    private static EmulatedMachine machine(Platform platform) {
        return PokedPlatform.machine(platform).auditDevices().build();
    }

    @Test
    void everyWriteSinceTheMarkIsThereToTheByteAndNothingElse() {
        try (EmulatedMachine machine = machine(Platform.PLAIN)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            machine.audit().mark();
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, AT, 512));
            assertEquals(
                    List.of(
                            // The index and the first element of the used ring.
                            new Range(disk.used(0) + 2, 10), new Range(disk.statusByte(), 1), new Range(AT, 512)),
                    machine.audit().writtenSinceMark());
        }
    }

    @Test
    void aMarkForgets() {
        try (EmulatedMachine machine = machine(Platform.PLAIN)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, AT, 512));
            machine.audit().mark();
            assertEquals(List.of(), machine.audit().writtenSinceMark());
        }
    }

    @Test
    void whatADeviceReadsIsNoWrite() {
        try (EmulatedMachine machine = machine(Platform.PLAIN)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            machine.audit().mark();
            assertEquals(0, PokedPlatform.transfer(disk, 1, 0, AT, 512));
            assertFalse(machine.audit().writtenSinceMark().contains(new Range(AT, 512)));
        }
    }

    @Test
    void aDeviceReachesNothingBeforeItMayMasterTheBusThenAllOfAPlainMachine() {
        try (EmulatedMachine machine = machine(Platform.PLAIN)) {
            assertEquals(new DeviceReach(List.of(), List.of()), machine.deviceReach("d0"));
            PokedDevice.first(machine, 2);
            assertTrue(machine.deviceReach("d0").canWrite(AT, 1 << 20));
            assertFalse(machine.deviceReach("d0").canWrite(0x3f_f000L, 8192), "a hole follows");
        }
    }

    @Test
    void onASecurePlatformItReachesTheSharedPages() {
        try (EmulatedMachine machine = machine(Platform.SEV_SNP)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            new PokedPlatform(machine, Platform.SEV_SNP).share(disk.queueBase, PokedPlatform.LARGE_PAGE);
            assertTrue(machine.deviceReach("d0").canRead(disk.queueBase, PokedPlatform.LARGE_PAGE));
            assertFalse(machine.deviceReach("d0").canRead(disk.queueBase, PokedPlatform.LARGE_PAGE + 1));
            assertFalse(machine.deviceReach("d0").canRead(AT, 1));
        }
    }

    @Test
    void anUnknownDeviceIsNamed() {
        try (EmulatedMachine machine = machine(Platform.PLAIN)) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> machine.deviceReach("x"))
                    .getMessage()
                    .contains("[d0]"));
        }
    }
}
