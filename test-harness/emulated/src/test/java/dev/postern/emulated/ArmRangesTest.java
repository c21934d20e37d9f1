package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.SharedPages.Range;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A machine whose bus shows RAM to devices at other addresses, and a part of it not at all. */
class ArmRangesTest {

    private static final long ACCEPTED = PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM;
    private static final long IN_THE_GAP = 0x34_0000L;

    /** An entry of dma-ranges, read back from the tree. */
    private record Entry(int space, long bus, long pa, long size) {}

    private static List<Entry> entries(EmulatedMachine machine) {
        ByteBuffer value = new PokedTree(machine.deviceTree().orElseThrow()).get("/pci@b0000000/dma-ranges");
        List<Entry> entries = new ArrayList<>();
        for (int at = 0; at < value.limit(); at += 28) {
            entries.add(
                    new Entry(value.getInt(at), value.getLong(at + 4), value.getLong(at + 12), value.getLong(at + 20)));
        }
        return entries;
    }

    private static Optional<Entry> covering(List<Entry> entries, long pa) {
        return entries.stream()
                .filter(entry -> pa >= entry.pa() && pa - entry.pa() < entry.size())
                .findFirst();
    }

    private static EmulatedMachine machine(VirtioOptions options) {
        return EmulatedMachine.builder()
                .platform(Platform.ARM_RANGES)
                .ramBytes(8 << 20)
                .device(SeededDisk.of(1 << 20, 42).id("d0").virtio(options))
                .auditDevices()
                .build();
    }

    private static EmulatedMachine offering() {
        return machine(VirtioOptions.DEFAULTS.offer(33));
    }

    private static PokedDevice accepted(EmulatedMachine machine) {
        List<Entry> entries = entries(machine);
        return PokedDevice.first(machine, 2)
                .addressing(pa -> covering(entries, pa)
                        .map(entry -> pa - entry.pa() + entry.bus())
                        .orElse(pa))
                .start(ACCEPTED);
    }

    @Test
    void twoRangesHaveOffsetsOfTheirOwnAGapAndNoAddressOfRam() {
        try (EmulatedMachine machine = offering()) {
            List<Entry> entries = entries(machine);
            assertEquals(2, entries.size());
            assertNotEquals(
                    entries.get(0).bus() - entries.get(0).pa(),
                    entries.get(1).bus() - entries.get(1).pa());
            assertTrue(covering(entries, IN_THE_GAP).isEmpty());
            assertEquals(
                    IN_THE_GAP & ~0xf_ffffL,
                    entries.get(0).pa() + entries.get(0).size());
            for (Entry entry : entries) {
                assertEquals(0x300_0000, entry.space(), "64-bit memory, as PCI writes it");
                machine.ram()
                        .forEach(region -> assertFalse(
                                entry.bus() < region.endPa() && region.basePa() < entry.bus() + entry.size()));
            }
            assertTrue(covering(entries, 1L << 32).isPresent());
        }
    }

    @Test
    void withoutHighRamThereAreTwoRangesAndAGapToo() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .platform(Platform.ARM_RANGES)
                .ramBytes(8 << 20)
                .lowRamBytes(8 << 20)
                .build()) {
            List<Entry> entries = entries(machine);
            assertEquals(List.of(0L, 6L << 20), entries.stream().map(Entry::pa).toList());
            assertEquals(
                    List.of(4L << 20, 2L << 20),
                    entries.stream().map(Entry::size).toList());
        }
    }

    @Test
    void aDeviceThatAcceptedPutsBusAddressesOut() {
        try (EmulatedMachine machine = offering()) {
            PokedDevice disk = accepted(machine);
            assertEquals(0, disk.request(0, 0, 512));
            byte[] content = new byte[512];
            SeededContent.fill(42, 0, MemorySegment.ofArray(content));
            assertArrayEquals(content, disk.data(512));
            long high = (1L << 32) + 0x1_0000;
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, high, 512));
            assertArrayEquals(
                    content,
                    machine.ram().getLast().segment().asSlice(0x1_0000, 512).toArray(ValueLayout.JAVA_BYTE));
            assertEquals(List.of(), machine.guestErrors());
            assertTrue(machine.audit().writtenSinceMark().contains(new Range(high, 512)), "by its physical address");
        }
    }

    @Test
    void physicalAddressesAndTheGapAreRefusedToIt() {
        try (EmulatedMachine machine = offering()) {
            PokedDevice disk = accepted(machine);
            assertNotEquals(
                    0, PokedPlatform.transfer(disk, 0, 3, IN_THE_GAP, 512), "its own address is no bus address");
            Guests.assertClause(machine, "arm:dma-ranges");
            assertFalse(machine.deviceReach("d0").canWrite(IN_THE_GAP, 1));
            assertTrue(machine.deviceReach("d0").canWrite(0, 0x30_0000));
            disk.addressing(pa -> pa).start(ACCEPTED);
            assertEquals(-1, disk.request(0, 0, 512));
        }
    }

    @Test
    void aBufferIsNotCarriedPastTheEndOfARange() {
        try (EmulatedMachine machine = offering()) {
            PokedDevice disk = accepted(machine);
            assertNotEquals(0, PokedPlatform.transfer(disk, 0, 3, 0x30_0000 - 256, 512));
            Guests.assertClause(machine, "arm:dma-ranges");
        }
    }

    @Test
    void aDeviceWithoutTheFeatureIsPastTheBusAndReachesAllOfRam() {
        try (EmulatedMachine machine = machine(VirtioOptions.DEFAULTS)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(0, PokedPlatform.transfer(disk, 0, 0, IN_THE_GAP, 512));
            assertEquals(List.of(), machine.guestErrors());
            assertTrue(machine.deviceReach("d0").canWrite(IN_THE_GAP, 1));
            long bus = entries(machine).getFirst().bus();
            disk.addressing(pa -> pa == IN_THE_GAP ? bus : pa);
            assertNotEquals(
                    0, PokedPlatform.transfer(disk, 0, 0, IN_THE_GAP, 512), "a bus address means nothing to it");
        }
    }

    @Test
    void theWayIsForgottenWithAReset() {
        try (EmulatedMachine machine = offering()) {
            PokedDevice disk = accepted(machine);
            assertFalse(machine.deviceReach("d0").canWrite(IN_THE_GAP, 1));
            disk.reset();
            assertTrue(machine.deviceReach("d0").canWrite(IN_THE_GAP, 1));
        }
    }

    @Test
    void aMessageForAnInterruptGoesToABusAddressOrToAPhysicalOne() {
        for (long doorbell : new long[] {0x10_0000, IN_THE_GAP}) {
            try (EmulatedMachine machine = offering()) {
                PokedDevice disk = accepted(machine);
                disk.negotiate(ACCEPTED);
                disk.msixControl(0x8000);
                disk.vector(0, doorbell, 0x4321, 0);
                disk.enableQueue(0, 0);
                disk.status(15);
                assertEquals(0, disk.request(0, 0, 512));
                assertEquals(0x4321, disk.get32(doorbell));
                assertEquals(List.of(), machine.guestErrors());
            }
        }
    }
}
