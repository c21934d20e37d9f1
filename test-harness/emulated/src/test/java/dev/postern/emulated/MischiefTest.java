package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.CapabilityOutsideBar;
import dev.postern.emulated.mischief.ChangeCapacityAt;
import dev.postern.emulated.mischief.CyclicCapabilities;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.FailSectors;
import dev.postern.emulated.mischief.HugeBar;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.emulated.mischief.NeverFinishReset;
import dev.postern.emulated.mischief.RefuseFeaturesOk;
import dev.postern.emulated.mischief.StallAfter;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.emulated.mischief.TearCapacity;
import dev.postern.emulated.mischief.WrongStatus;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MischiefTest {

    private static EmulatedMachine with(DeviceMischief... acts) {
        return Guests.withDisk(VirtioOptions.DEFAULTS.mischief(acts));
    }

    private static PokedDevice start(EmulatedMachine machine) {
        return PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
    }

    @Test
    void usedElementsAreTamperedWithAtTheirRequestOnly() {
        try (EmulatedMachine machine = with(new TamperUsedId(2, 0x1_0005), new TamperUsedLength(3, -1))) {
            PokedDevice disk = start(machine);
            for (int i = 0; i < 4; i++) {
                disk.request(0, 0, 512);
            }
            assertEquals(0, disk.usedId(0));
            assertEquals(0x1_0005, disk.usedId(1));
            assertEquals(513, disk.usedLength(1));
            assertEquals(0, disk.usedId(2));
            assertEquals(-1, disk.usedLength(2));
            assertEquals(0, disk.usedId(3));
            assertEquals(513, disk.usedLength(3));
        }
    }

    @Test
    void aWrongStatusIsWritten() {
        try (EmulatedMachine machine = with(new WrongStatus(2, 0xff))) {
            PokedDevice disk = start(machine);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(0xff, disk.request(0, 0, 512));
            assertEquals(0, disk.request(0, 0, 512));
        }
    }

    @Test
    void aStalledDeviceAnswersNoMoreAndSaysNothing() {
        try (EmulatedMachine machine = with(new StallAfter(2))) {
            PokedDevice disk = start(machine);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(-1, disk.request(0, 0, 512));
            assertEquals(0x0f, disk.status());
        }
    }

    @Test
    void aDeviceBreaksDownOnceAndRecovers() {
        try (EmulatedMachine machine = with(new NeedsResetAt(2))) {
            PokedDevice disk = start(machine);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(-1, disk.request(0, 0, 512));
            assertEquals(0x4f, disk.status());
            assertEquals(3, machine.registers().read8(disk.isr));
            disk.start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(0, 0, 512));
        }
    }

    @Test
    void aResetOfALiveDeviceNeverFinishes() {
        try (EmulatedMachine machine = with(new NeverFinishReset())) {
            PokedDevice disk = start(machine);
            assertThrows(AssertionError.class, disk::reset);
            assertThrows(AssertionError.class, disk::reset);
        }
    }

    @Test
    void featuresOkIsRefusedWhateverIsAccepted() {
        try (EmulatedMachine machine = with(new RefuseFeaturesOk())) {
            assertEquals(3, PokedDevice.first(machine, 2).negotiate(PokedDevice.VERSION_1));
        }
    }

    @Test
    void givenSectorsFail() {
        try (EmulatedMachine machine = with(new FailSectors(10, 2))) {
            PokedDevice disk = start(machine);
            assertEquals(0, disk.request(0, 9, 512));
            assertEquals(1, disk.request(0, 9, 1024));
            assertEquals(1, disk.request(1, 11, 512));
            assertEquals(0, disk.request(1, 12, 512));
        }
    }

    @Test
    void theCapacityChangesAtARequest() {
        try (EmulatedMachine machine = with(new ChangeCapacityAt(2, 512 * 5))) {
            PokedDevice disk = start(machine);
            assertEquals(0, disk.request(0, 100, 512));
            int generation = machine.registers().read8(disk.common + 21);
            assertEquals(1, disk.request(0, 100, 512));
            assertEquals(5, machine.registers().read32(disk.config));
            assertNotEquals(generation, machine.registers().read8(disk.common + 21));
        }
    }

    @Test
    void aTornCapacityIsBetrayedByTheGeneration() {
        long other = (5L << 32) * 512;
        try (EmulatedMachine machine = with(new TearCapacity(other))) {
            PokedDevice disk = start(machine);
            int before = machine.registers().read8(disk.common + 21);
            assertEquals(2048, machine.registers().read32(disk.config));
            assertEquals(5, machine.registers().read32(disk.config + 4), "the other half of the new value");
            assertNotEquals(before, machine.registers().read8(disk.common + 21));
            assertEquals(0, machine.registers().read32(disk.config));
        }
    }

    @Test
    void theCapabilityPointsOutsideItsBar() {
        try (EmulatedMachine machine = with(new CapabilityOutsideBar())) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertTrue(disk.common - disk.buses.bar(disk.bus, disk.slot, 4) > 0x8000);
        }
    }

    @Test
    void theCapabilityListIsACycle() {
        try (EmulatedMachine machine = with(new CyclicCapabilities())) {
            PokedBuses buses = new PokedBuses(machine);
            Set<Integer> seen = new HashSet<>();
            int at = buses.read32(0, 1, 0x34) & 0xff;
            while (at != 0 && seen.add(at)) {
                at = buses.read16(0, 1, at) >>> 8;
            }
            assertTrue(seen.contains(at), "the list ends");
        }
    }

    @Test
    void aHugeBarWorksWhereThereIsRoom() {
        try (EmulatedMachine machine = with(new HugeBar(1L << 40))) {
            PokedDevice disk = start(machine);
            assertTrue(disk.buses.bar(0, 1, 4) >= 1L << 40);
            assertEquals(0, disk.request(0, 0, 512));
        }
    }
}
