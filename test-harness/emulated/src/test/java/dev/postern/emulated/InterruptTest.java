package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.InterruptLines;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InterruptTest {

    private static final int ENABLE = 0x8000;
    private static final int FUNCTION_MASK = 0x4000;
    private static final long MESSAGE = 0x1_0000L;

    private static List<Integer> asserted(EmulatedMachine machine) {
        InterruptLines lines = machine.interruptLines().orElseThrow();
        return IntStream.range(0, lines.count()).filter(lines::asserted).boxed().toList();
    }

    @Test
    void aPinStaysAssertedUntilTheIsrIsRead() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(List.of(), asserted(machine));
            disk.request(0, 0, 512);
            // Slot 1, INTA.
            assertEquals(List.of(21), asserted(machine));
            assertEquals(8, disk.buses.read16(disk.bus, disk.slot, 0x06) & 8, "interrupt status");
            assertEquals(1, machine.registers().read8(disk.isr));
            assertEquals(List.of(), asserted(machine));
            assertEquals(0, machine.registers().read8(disk.isr), "reading cleared it");
            assertEquals(0, disk.buses.read16(disk.bus, disk.slot, 0x06) & 8);
        }
    }

    @Test
    void slotThreeOnTheRootBusIsGsi23() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(Rng.of())
                .device(Rng.of())
                .device(SeededDisk.of(4096, 1))
                .build()) {
            PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1).request(0, 0, 512);
            assertEquals(List.of(23), asserted(machine));
        }
    }

    @Test
    void bridgesRotateThePinBySlot() {
        // The bridge is in slot 1; behind it the disk is in slot 2: INTA becomes INTC, (1 + 2) mod 4 = 3.
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(Bridge.of("br0"))
                .device(Rng.of().bus("br0"))
                .device(Rng.of().bus("br0"))
                .device(SeededDisk.of(4096, 1).bus("br0"))
                .build()) {
            PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1).request(0, 0, 512);
            assertEquals(List.of(23), asserted(machine));
        }
    }

    @Test
    void theInterruptDisableBitHoldsTheLineDown() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.buses.write16(disk.bus, disk.slot, 0x04, 0x406);
            disk.request(0, 0, 512);
            assertEquals(List.of(), asserted(machine));
            assertEquals(8, disk.buses.read16(disk.bus, disk.slot, 0x06) & 8, "the status still says so");
            disk.buses.write16(disk.bus, disk.slot, 0x04, 0x6);
            assertEquals(List.of(21), asserted(machine));
        }
    }

    private static PokedDevice withMessages(EmulatedMachine machine, int control, int mask) {
        PokedDevice disk = PokedDevice.first(machine, 2);
        disk.msixControl(control);
        disk.vector(0, MESSAGE, 0x1111_0000, mask);
        disk.vector(1, MESSAGE + 4, 0x2222_0001, mask);
        disk.negotiate(PokedDevice.VERSION_1);
        machine.registers().write16(disk.common + 16, 0);
        assertEquals(0, machine.registers().read16(disk.common + 16));
        disk.enableQueue(0, 1);
        assertEquals(1, machine.registers().read16(disk.common + 26));
        disk.status(15);
        return disk;
    }

    @Test
    void aMessageIsAFourByteStoreAndThePinStaysLow() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = withMessages(machine, ENABLE, 0);
            disk.put32(MESSAGE + 8, 0x5555_5555);
            disk.request(0, 0, 512);
            assertEquals(0x2222_0001, disk.get32(MESSAGE + 4));
            assertEquals(0, disk.get32(MESSAGE), "no other vector");
            assertEquals(0x5555_5555, disk.get32(MESSAGE + 8), "no more than four bytes");
            assertEquals(List.of(), asserted(machine));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aMaskedVectorIsPendingAndSentOnUnmasking() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = withMessages(machine, ENABLE, 1);
            disk.request(0, 0, 512);
            assertEquals(0, disk.get32(MESSAGE + 4));
            assertEquals(2, machine.registers().read32(disk.msixTable + 0x800));
            machine.registers().write32(disk.msixTable + 16 + 12, 0);
            assertEquals(0x2222_0001, disk.get32(MESSAGE + 4));
            assertEquals(0, machine.registers().read32(disk.msixTable + 0x800));
        }
    }

    @Test
    void theFunctionMaskHoldsEveryVectorBack() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = withMessages(machine, ENABLE | FUNCTION_MASK, 0);
            disk.request(0, 0, 512);
            assertEquals(0, disk.get32(MESSAGE + 4));
            disk.msixControl(ENABLE);
            assertEquals(0x2222_0001, disk.get32(MESSAGE + 4));
        }
    }

    @Test
    void aQueueWithoutAVectorSendsNothing() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.msixControl(ENABLE);
            disk.vector(0, MESSAGE, 7, 0);
            disk.vector(1, MESSAGE, 7, 0);
            disk.start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(0, disk.get32(MESSAGE));
            assertEquals(List.of(), asserted(machine));
        }
    }

    @Test
    void aVectorOutsideTheTableReadsBackAsNone() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            machine.registers().write16(disk.common + 16, 2);
            assertEquals(0xffff, machine.registers().read16(disk.common + 16));
            Guests.assertClause(machine, "transport-pci:1026");
        }
    }

    @Test
    void aConfigurationChangeUsesItsOwnVectorAndIsrBit() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = withMessages(machine, ENABLE, 0);
            machine.disk("d0").changeCapacity(512 * 10);
            assertEquals(0x1111_0000, disk.get32(MESSAGE));
            assertEquals(2, machine.registers().read8(disk.isr));
            assertEquals(10, machine.registers().read32(disk.config));
        }
    }

    @Test
    void aSuppressedNotificationIsNotSent() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.put16(disk.available(0), 1);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(List.of(), asserted(machine));
        }
    }

    @Test
    void withEventIndexOneNotificationComesWhenItsIndexIsReached() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.EVENT_IDX);
            disk.put16(disk.available(0) + 4 + 2 * disk.queueSize, 1);
            assertEquals(0, disk.request(0, 0, 512));
            assertFalse(asserted(machine).contains(21), "used_event 1 is not reached by the first element");
            assertEquals(1, disk.get16(disk.used(0) + 4 + 8 * disk.queueSize), "avail_event");
            assertEquals(0, disk.request(0, 1, 512));
            assertTrue(asserted(machine).contains(21));
            assertEquals(List.of(), machine.guestErrors());
        }
    }
}
