package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.Cpu;
import dev.postern.machine.MachineDiedException;
import org.junit.jupiter.api.Test;

class CpuTest {

    private static final long HOUR = 3_600_000_000_000L;

    @Test
    void aHaltWithNothingToWaitForJumpsToItsDeadline() {
        try (EmulatedMachine machine = EmulatedMachine.builder().build()) {
            Cpu cpu = machine.cpu();
            long deadline = cpu.nanoTime() + HOUR / 2;
            cpu.halt(deadline);
            assertEquals(deadline, cpu.nanoTime());
        }
    }

    @Test
    void aHaltInThePastTakesLittleTimeButSome() {
        try (EmulatedMachine machine = EmulatedMachine.builder().build()) {
            Cpu cpu = machine.cpu();
            long before = cpu.nanoTime();
            cpu.halt(before - HOUR);
            assertTrue(cpu.nanoTime() > before && cpu.nanoTime() < before + 1_000_000);
        }
    }

    @Test
    void aHaltWithoutEndReturns() {
        try (EmulatedMachine machine = EmulatedMachine.builder().build()) {
            machine.cpu().halt(Long.MAX_VALUE);
            machine.cpu().halt(Long.MAX_VALUE);
            assertTrue(machine.cpu().nanoTime() > HOUR);
        }
    }

    @Test
    void aHaltServesTheDeviceAndReturnsWithItsInterrupt() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.header(4, 0);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            long before = machine.cpu().nanoTime();
            machine.cpu().halt(before + HOUR);
            assertEquals(1, disk.usedIndex());
            assertTrue(machine.cpu().nanoTime() < before + 1_000_000);
            // The line is still up, but nothing new happened: a polled guest must not spin through its time.
            long deadline = machine.cpu().nanoTime() + HOUR / 2;
            machine.cpu().halt(deadline);
            assertEquals(deadline, machine.cpu().nanoTime());
        }
    }

    @Test
    void nothingIsServedBeforeTheCpuWaits() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.header(4, 0);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            assertEquals(0, disk.usedIndex());
            machine.cpu().relax();
            assertEquals(1, disk.usedIndex());
        }
    }

    @Test
    void aClosedMachineSaysSo() {
        EmulatedMachine machine = EmulatedMachine.builder().build();
        machine.close();
        machine.close();
        assertThrows(MachineDiedException.class, () -> machine.cpu().relax());
        assertThrows(MachineDiedException.class, () -> machine.registers().read32(PokedBuses.ECAM));
        assertThrows(
                MachineDiedException.class, () -> machine.ports().orElseThrow().in8(0));
        assertThrows(
                MachineDiedException.class,
                () -> machine.interruptLines().orElseThrow().asserted(0));
    }
}
