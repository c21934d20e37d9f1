package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device that drives fewer than 64 address bits. */
class AddressBitsTest {

    private static final long HIGH = 1L << 32;
    private static final long AT = 0x30_0000L;

    private static EmulatedMachine machine(int bits) {
        return EmulatedMachine.builder()
                .ramBytes(8 << 20)
                .device(SeededDisk.of(1 << 20, 42).id("d0").virtio(VirtioOptions.DEFAULTS.addressBits(bits)))
                .auditDevices()
                .build();
    }

    private static byte[] high(EmulatedMachine machine) {
        return machine.ram().getLast().segment().asSlice(AT, 512).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] sectorZero() {
        byte[] bytes = new byte[512];
        SeededContent.fill(42, 0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    @Test
    void higherBitsAreCutOffAndTheDataLandsElsewhereWithoutAComplaint() {
        try (EmulatedMachine machine = machine(32)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            machine.audit().mark();
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, HIGH + AT, 512));
            assertArrayEquals(sectorZero(), PokedPlatform.bytes(disk, AT));
            assertArrayEquals(new byte[512], high(machine));
            assertEquals(List.of(), machine.guestErrors());
            assertEquals(
                    1,
                    machine.audit().writtenSinceMark().stream()
                            .filter(range -> range.equals(new SharedPages.Range(AT, 512)))
                            .count(),
                    "the stray write is on record");
        }
    }

    @Test
    void aBitMoreReachesIt() {
        try (EmulatedMachine machine = machine(33)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, HIGH + AT, 512));
            assertArrayEquals(sectorZero(), high(machine));
            assertFalse(Arrays.equals(sectorZero(), PokedPlatform.bytes(disk, AT)));
        }
    }

    @Test
    void aBufferAcrossTheHighestAddressGoesOnAtZero() {
        try (EmulatedMachine machine = machine(22)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            long last = (1L << 22) - 256;
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, last, 512));
            byte[] first = disk.ram.asSlice(last, 256).toArray(ValueLayout.JAVA_BYTE);
            byte[] second = disk.ram.asSlice(0, 256).toArray(ValueLayout.JAVA_BYTE);
            assertArrayEquals(Arrays.copyOf(sectorZero(), 256), first);
            assertArrayEquals(Arrays.copyOfRange(sectorZero(), 256, 512), second);
        }
    }

    @Test
    void messagesForInterruptsAreNotCut() {
        try (EmulatedMachine machine = machine(32)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            disk.msixControl(0x8000);
            disk.vector(0, HIGH + AT, 0x4321, 0);
            disk.enableQueue(0, 0);
            disk.status(15);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(0x4321, machine.ram().getLast().segment().get(ValueLayout.JAVA_INT, AT));
        }
    }
}
