package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedChainTest {

    private static final int N = PokedDevice.NEXT;
    private static final int W = PokedDevice.WRITE;
    private static final int I = PokedDevice.INDIRECT_FLAG;

    /** What is wrong, the clause it breaks, and the descriptors; head 0 is then offered. */
    record Case(String name, String clause, long features, Consumer<PokedDevice> setUp) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case with(String name, String clause, Consumer<PokedDevice> setUp) {
        return new Case(name, clause, PokedDevice.VERSION_1 | PokedDevice.INDIRECT, setUp);
    }

    static Stream<Case> cases() {
        return Stream.of(
                with("a loop", "split-ring:223", d -> {
                    d.descriptor(0, d.header(), 16, N, 1);
                    d.descriptor(1, d.header(), 16, N, 0);
                    d.offer(0);
                }),
                with("a descriptor that is its own next", "split-ring:223", d -> {
                    d.descriptor(0, d.header(), 16, N, 0);
                    d.offer(0);
                }),
                with("next out of range", "qemu:next-range", d -> {
                    d.descriptor(0, d.header(), 16, N, d.queueSize);
                    d.offer(0);
                }),
                with("head out of range", "qemu:head-range", d -> d.offer(d.queueSize)),
                with("a zero length", "qemu:zero-length", d -> {
                    d.descriptor(0, d.header(), 0, N, 1);
                    d.offer(0);
                }),
                with("readable after writable", "split-ring:151", d -> {
                    d.descriptor(0, d.statusByte(), 1, N | W, 1);
                    d.descriptor(1, d.header(), 16, 0, 0);
                    d.offer(0);
                }),
                with("no writable byte", "qemu:short-request", d -> {
                    d.descriptor(0, d.header(), 16, 0, 0);
                    d.offer(0);
                }),
                with("a short header", "qemu:short-request", d -> {
                    d.descriptor(0, d.header(), 15, N, 1);
                    d.descriptor(1, d.statusByte(), 1, W, 0);
                    d.offer(0);
                }),
                with("an index that jumps", "split-ring:321", d -> d.put16(d.available(0) + 2, d.queueSize + 1)),
                with("an index that goes back", "split-ring:321", d -> d.put16(d.available(0) + 2, 0xffff)),
                with("an address in the hole", "pci:dma-target", d -> {
                    d.descriptor(0, d.header(), 16, N, 1);
                    d.descriptor(1, 0xd000_0000L, 512, N | W, 2);
                    d.descriptor(2, d.statusByte(), 1, W, 0);
                    d.offer(0);
                }),
                with("a buffer that runs out of RAM", "pci:dma-target", d -> {
                    d.descriptor(0, d.header(), 16, N, 1);
                    d.descriptor(1, d.ram.byteSize() - 256, 512, N | W, 2);
                    d.descriptor(2, d.statusByte(), 1, W, 0);
                    d.offer(0);
                }),
                with("an address that wraps around", "pci:dma-target", d -> {
                    d.descriptor(0, -8, 16, N, 1);
                    d.offer(0);
                }),
                new Case("INDIRECT not negotiated", "split-ring:266", PokedDevice.VERSION_1, d -> {
                    d.descriptor(0, d.data(), 32, I, 0);
                    d.offer(0);
                }),
                with("INDIRECT with NEXT", "split-ring:274", d -> {
                    d.descriptor(0, d.data(), 32, I | N, 1);
                    d.offer(0);
                }),
                with("an indirect table of odd size", "qemu:indirect-size", d -> {
                    d.descriptor(0, d.data(), 33, I, 0);
                    d.offer(0);
                }),
                with("an empty indirect table", "qemu:indirect-size", d -> {
                    d.descriptor(0, d.data(), 0, I, 0);
                    d.offer(0);
                }),
                with("a nested table", "split-ring:267", d -> {
                    d.descriptor(d.data(), 0, d.data(), 32, I, 0);
                    d.descriptor(0, d.data(), 32, I, 0);
                    d.offer(0);
                }),
                with("a loop in an indirect table", "split-ring:223", d -> {
                    d.descriptor(d.data(), 0, d.header(), 16, N, 1);
                    d.descriptor(d.data(), 1, d.header(), 16, N, 0);
                    d.descriptor(0, d.data(), 32, I, 0);
                    d.offer(0);
                }),
                with("next out of an indirect table", "qemu:next-range", d -> {
                    d.descriptor(d.data(), 0, d.header(), 16, N, 2);
                    d.descriptor(0, d.data(), 32, I, 0);
                    d.offer(0);
                }),
                with("an indirect table out of RAM", "pci:dma-target", d -> {
                    d.descriptor(0, 1L << 50, 32, I, 0);
                    d.offer(0);
                }));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void makesTheDeviceAskForAResetAndResetRecovers(Case malformed) {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(malformed.features());
            malformed.setUp().accept(disk);
            disk.kick(0);
            disk.settle();

            assertEquals(0x4f, disk.status());
            Guests.assertClause(machine, malformed.clause());
            assertEquals(0, disk.usedIndex());
            assertEquals(2, machine.registers().read8(disk.isr), "a live driver is told");

            int errors = machine.guestErrors().size();
            disk.kick(0);
            disk.settle();
            assertEquals(0, disk.usedIndex(), "nothing is served before the reset");

            disk.start(PokedDevice.VERSION_1);
            assertEquals(0x0f, disk.status());
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(errors, machine.guestErrors().size());
        }
    }

    @Test
    void ringsOutsideRamMakeTheDeviceAskForAReset() {
        for (int area : new int[] {32, 40, 48}) {
            try (EmulatedMachine machine = Guests.withDisk()) {
                PokedDevice disk = PokedDevice.first(machine, 2);
                disk.negotiate(PokedDevice.VERSION_1);
                disk.header(4, 0);
                disk.area(32, disk.descriptors(0));
                disk.area(40, disk.available(0));
                disk.area(48, disk.used(0));
                disk.area(area, 0xe000_0000L);
                machine.registers().write16(disk.common + 24, disk.queueSize);
                machine.registers().write16(disk.common + 28, 1);
                disk.status(15);
                disk.descriptor(0, disk.header(), 16, N, 1);
                disk.descriptor(1, disk.statusByte(), 1, W, 0);
                disk.offer(0);
                disk.kick(0);
                disk.settle();
                assertEquals(0x4f, disk.status(), "area at " + area);
                Guests.assertClause(machine, "pci:dma-target");
            }
        }
    }

    @Test
    void requestsBeforeTheMalformedOneAreStillPublished() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.header(4, 0);
            disk.descriptor(0, disk.header(), 16, N, 1);
            disk.descriptor(1, disk.statusByte(), 1, W, 0);
            disk.offer(0);
            disk.offer(99);
            disk.kick(0);
            disk.settle();
            assertEquals(1, disk.usedIndex());
            assertEquals(0x4f, disk.status());
        }
    }

    @Test
    void anIndirectChainIsServed() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.INDIRECT);
            long table = disk.data() + 0x1000;
            disk.header(0, 2);
            disk.descriptor(table, 0, disk.header(), 16, N, 2);
            disk.descriptor(table, 2, disk.data(), 512, N | W, 1);
            disk.descriptor(table, 1, disk.statusByte(), 1, W, 0);
            // The write flag of a descriptor that names a table is to be ignored (split-ring:282).
            disk.descriptor(5, table, 48, I | W, 0);
            disk.offer(5);
            disk.kick(0);
            disk.waitUsed(1);
            assertEquals(5, disk.usedId(0));
            assertEquals(513, disk.usedLength(0));
            assertEquals(0, disk.get8(disk.statusByte()));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void directDescriptorsMayPrecedeAnIndirectTable() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.INDIRECT);
            long table = disk.data() + 0x1000;
            disk.header(0, 2);
            disk.descriptor(0, disk.header(), 16, N, 1);
            disk.descriptor(1, table, 32, I, 0);
            disk.descriptor(table, 0, disk.data(), 512, N | W, 1);
            disk.descriptor(table, 1, disk.statusByte(), 1, W, 0);
            disk.offer(0);
            disk.kick(0);
            disk.waitUsed(1);
            assertEquals(513, disk.usedLength(0));
            assertEquals(0, disk.get8(disk.statusByte()));
        }
    }

    @Test
    void theRingWrapsAroundItsSizeAndItsIndex() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.queueSize = 4;
            disk.start(PokedDevice.VERSION_1 | PokedDevice.EVENT_IDX);
            for (int i = 0; i < 70_000; i++) {
                assertEquals(0, disk.request(4, 0, 0), "request " + i);
            }
            assertEquals(70_000 & 0xffff, disk.usedIndex());
            assertEquals(List.of(), machine.guestErrors());
        }
    }
}
