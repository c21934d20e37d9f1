package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.PokedPackedQueue.Element;
import dev.postern.emulated.PokedPackedQueue.Used;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PackedQueueTest {

    private static final int W = PokedDevice.WRITE;
    private static final long BUFFERS = 0x80_0000L;
    private static final long TABLES = 0x90_0000L;

    private static final VirtioOptions PACKED = VirtioOptions.DEFAULTS.offer(34, 35);

    static Stream<Arguments> shapes() {
        return IntStream.of(1, 2, 3, 7, 8, 256, 1000)
                .boxed()
                .flatMap(size -> Stream.of(
                                0L,
                                PokedDevice.EVENT_IDX,
                                PokedDevice.INDIRECT | PokedDevice.EVENT_IDX,
                                PokedDevice.IN_ORDER,
                                PokedDevice.IN_ORDER | PokedDevice.EVENT_IDX | PokedDevice.INDIRECT)
                        .map(features -> Arguments.of(size, features)));
    }

    /**
     * Random lists in random numbers, several laps of them. The driver kicks as the device area says and counts the interrupts that
     * its own area asks for.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void everyBufferComesBackOnceAndAsItWasPosted(int size, long features) {
        long seed = System.nanoTime();
        String what = "seed " + seed + ", size " + size + ", features " + Long.toHexString(features);
        SplittableRandom random = new SplittableRandom(seed);
        boolean inOrder = (features & PokedDevice.IN_ORDER) != 0;
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .seed(seed)
                .device(Rng.of().fill(inOrder ? RngFill.SHORT : RngFill.FULL).virtio(PACKED.queueSize(size)))
                .build()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, features, size);
            Map<Integer, Long> posted = new HashMap<>();
            int buffers = 0;
            int interrupts = 0;
            int rounds = size == 1000 ? 120 : 300;
            for (int round = 0; round < rounds; round++) {
                int many = 1 + random.nextInt(6);
                for (int i = 0; i < many && queue.free() > 0; i++) {
                    int id = freeId(posted, random);
                    List<Element> elements = elements(random, queue, features);
                    boolean indirect = (features & PokedDevice.INDIRECT) != 0 && random.nextBoolean();
                    if (indirect) {
                        queue.offerIndirect(id, TABLES + 0x400L * (buffers++ & 0xff), elements);
                    } else {
                        queue.offer(id, elements);
                    }
                    posted.put(id, elements.stream().mapToLong(Element::length).sum());
                }
                Wish wish = Wish.random(random, queue, features);
                wish.write(queue);
                int from = queue.nextUsed;
                assertTrue(queue.wantsKick(), what + ": a device at rest wants to hear of anything");
                queue.kick();
                rng.settle();
                List<Used> used = queue.take(inOrder);
                assertEquals(posted.size(), used.size(), what + ", round " + round);
                for (Used one : used) {
                    long room = posted.remove(one.id());
                    if (inOrder && !one.skipped()) {
                        assertTrue(one.length() >= 1 && one.length() <= room, what);
                    } else {
                        assertEquals(room, one.length(), what + ", round " + round);
                    }
                }
                boolean told = machine.registers().read8(rng.isr) == 1;
                assertEquals(wish.granted(queue, from), told, what + ", round " + round + ", " + wish);
                interrupts += told ? 1 : 0;
            }
            assertEquals(List.of(), machine.guestErrors(), what);
            assertTrue(interrupts > 0 && interrupts < rounds, what);
        }
    }

    private static int freeId(Map<Integer, Long> taken, SplittableRandom random) {
        int id = random.nextInt(0x1_0000);
        while (taken.containsKey(id)) {
            id = random.nextInt(0x1_0000);
        }
        return id;
    }

    private static List<Element> elements(SplittableRandom random, PokedPackedQueue queue, long features) {
        int count = 1 + random.nextInt(Math.min(queue.free(), 5));
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(new Element(BUFFERS + random.nextInt(0x1_0000), 1 + random.nextInt(200), W));
        }
        return elements;
    }

    /** What a driver writes into its event suppression structure, and when that asks for an interrupt. */
    private record Wish(int flags, int offset, int wrap) {

        static Wish random(SplittableRandom random, PokedPackedQueue queue, long features) {
            int flags = random.nextInt((features & PokedDevice.EVENT_IDX) != 0 ? 3 : 2);
            return new Wish(flags, random.nextInt(queue.size), random.nextInt(2));
        }

        void write(PokedPackedQueue queue) {
            queue.device.put16(queue.driverArea, offset | wrap << 15);
            queue.device.put16(queue.driverArea + 2, flags);
        }

        /** Whether it asks for one, when everything from a place on has been used. */
        boolean granted(PokedPackedQueue queue, int from) {
            int span = Math.floorMod(queue.nextUsed - from, queue.size);
            return switch (flags) {
                case 0 -> true;
                case 1 -> false;
                // All of the ring, where it was full.
                default -> queue.passed(offset, wrap, queue.nextUsed, queue.usedWrap, span == 0 ? queue.size : span);
            };
        }
    }

    @Test
    void aDiskReadsAndWritesThroughListsAndTables() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (EmulatedMachine machine = Guests.withDisk(PACKED.queueSize(7))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPackedQueue queue = PokedPackedQueue.start(disk, PokedDevice.INDIRECT, 7);
            for (int round = 0; round < 500; round++) {
                long sector = random.nextInt(2000);
                disk.header(0, sector);
                int cut = 1 + random.nextInt(511);
                List<Element> elements = List.of(
                        new Element(disk.header(), 16, 0),
                        new Element(disk.data(), cut, W),
                        new Element(disk.data() + cut, 512 - cut, W),
                        new Element(disk.statusByte(), 1, W));
                if (random.nextBoolean()) {
                    queue.offer(round, elements);
                } else {
                    queue.offerIndirect(round, TABLES, elements);
                }
                queue.kick();
                disk.settle();
                List<Used> used = queue.take(false);
                assertEquals(List.of(round), used.stream().map(Used::id).toList(), "seed " + seed);
                assertEquals(513, used.getFirst().length());
                assertEquals(0, disk.get8(disk.statusByte()));
                byte[] expected = new byte[512];
                SeededContent.fill(42, 512 * sector, MemorySegment.ofArray(expected));
                assertArrayEquals(expected, disk.data(512), "seed " + seed + ", round " + round);
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void whatWroteNothingHasNoWriteFlag() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of().virtio(PACKED)).build()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, 0, 4);
            queue.offer(9, new Element(BUFFERS, 8, 0));
            queue.kick();
            rng.settle();
            Used used = queue.take(false).getFirst();
            assertEquals(9, used.id());
            assertEquals(PokedPackedQueue.AVAIL | PokedPackedQueue.USED, used.flags());
        }
    }

    @Test
    void theDeviceAreaSaysWhereTheNextNotificationIsDue() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of().virtio(PACKED)).build()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, PokedDevice.EVENT_IDX, 3);
            for (int i = 0; i < 7; i++) {
                queue.offer(i, new Element(BUFFERS, 8, W));
                queue.kick();
                rng.settle();
                assertEquals(1, queue.take(false).size());
                assertEquals(2, rng.get16(queue.deviceArea + 2));
                assertEquals(queue.nextAvailable | queue.availableWrap << 15, rng.get16(queue.deviceArea));
            }
        }
    }

    @Test
    void aDriverWithoutPackedIsShownThePowerOfTwoBelow() {
        try (EmulatedMachine machine = Guests.withDisk(PACKED.queueSize(1000))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1);
            assertEquals(512, machine.registers().read16(disk.common + 24));
            machine.registers().write16(disk.common + 24, 1000);
            assertEquals(List.of("transport-pci:507"), Guests.clauses(machine));
            disk.negotiate(PokedDevice.VERSION_1 | PokedDevice.PACKED);
            assertEquals(1000, machine.registers().read16(disk.common + 24));
            machine.registers().write16(disk.common + 24, 0);
            machine.registers().write16(disk.common + 24, 1001);
            assertEquals(
                    List.of("transport-pci:507", "transport-pci:505", "transport-pci:370"), Guests.clauses(machine));
        }
    }

    @Test
    void theLargestQueueIsServed() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(Rng.of().virtio(PACKED.queueSize(32768)))
                .build()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, 0, 32768);
            for (int lap = 0; lap < 2; lap++) {
                for (int i = 0; i < 32768; i++) {
                    queue.offer(i, new Element(BUFFERS, 1, W));
                }
                queue.kick();
                rng.settle();
                for (int i = 0; i < 32768; i++) {
                    assertTrue(queue.hasUsed(), "lap " + lap + ", descriptor " + i);
                    queue.nextUsed = (queue.nextUsed + 1) % 32768;
                    queue.usedWrap ^= queue.nextUsed == 0 ? 1 : 0;
                }
                assertFalse(queue.hasUsed());
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    // ---- malformed

    /** What is wrong, and the clause it breaks. */
    record Case(String name, String clause, long features, java.util.function.Consumer<PokedPackedQueue> setUp) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case with(String name, String clause, java.util.function.Consumer<PokedPackedQueue> setUp) {
        return new Case(name, clause, PokedDevice.INDIRECT, setUp);
    }

    private static Element header(PokedPackedQueue queue) {
        return new Element(queue.device.header(), 16, 0);
    }

    static Stream<Case> malformed() {
        return Stream.of(
                with("a list that never ends", "packed-ring:471", q -> {
                    for (int i = q.size - 1; i >= 0; i--) {
                        q.write(i, q.device.header(), 16, i);
                        q.flags(i, PokedPackedQueue.AVAIL | PokedDevice.NEXT);
                    }
                }),
                with("a list whose rest is not available", "packed-ring:485", q -> {
                    q.write(0, q.device.header(), 16, 0);
                    q.flags(0, PokedPackedQueue.AVAIL | PokedDevice.NEXT);
                }),
                with("a zero length", "qemu:zero-length", q -> q.offer(1, new Element(q.device.header(), 0, 0))),
                with(
                        "readable after writable",
                        "packed-ring:476",
                        q -> q.offer(1, new Element(q.device.statusByte(), 1, W), header(q))),
                with(
                        "readable after writable in a table",
                        "packed-ring:476",
                        q -> q.offerIndirect(1, TABLES, List.of(new Element(q.device.statusByte(), 1, W), header(q)))),
                with("no writable byte", "qemu:short-request", q -> q.offer(1, header(q))),
                with(
                        "an address in the hole",
                        "pci:dma-target",
                        q -> q.offer(1, header(q), new Element(0xd000_0000L, 1, W))),
                with(
                        "a table in a list",
                        "packed-ring:505",
                        q -> q.offer(1, header(q), new Element(TABLES, 16, PokedDevice.INDIRECT_FLAG))),
                with(
                        "a table that goes on",
                        "packed-ring:505",
                        q -> q.offer(1, new Element(TABLES, 16, PokedDevice.INDIRECT_FLAG), header(q))),
                with(
                        "a table of odd size",
                        "qemu:indirect-size",
                        q -> q.offer(1, new Element(TABLES, 17, PokedDevice.INDIRECT_FLAG))),
                with(
                        "an empty table",
                        "qemu:indirect-size",
                        q -> q.offer(1, new Element(TABLES, 0, PokedDevice.INDIRECT_FLAG))),
                with(
                        "a huge table",
                        "packed-ring:502",
                        q -> q.offer(1, new Element(TABLES, 16 * 1025, PokedDevice.INDIRECT_FLAG))),
                with(
                        "a table out of RAM",
                        "pci:dma-target",
                        q -> q.offer(1, new Element(1L << 50, 16, PokedDevice.INDIRECT_FLAG))),
                new Case(
                        "INDIRECT not negotiated",
                        "packed-ring:498",
                        0,
                        q -> q.offerIndirect(1, TABLES, List.of(header(q), new Element(q.device.statusByte(), 1, W)))));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void makesTheDeviceAskForAResetAndResetRecovers(Case malformed) {
        try (EmulatedMachine machine = Guests.withDisk(PACKED.queueSize(5))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPackedQueue queue = PokedPackedQueue.start(disk, malformed.features(), 5);
            malformed.setUp().accept(queue);
            queue.kick();
            disk.settle();
            assertEquals(0x4f, disk.status());
            Guests.assertClause(machine, malformed.clause());
            assertFalse(queue.hasUsed());
            assertEquals(2, machine.registers().read8(disk.isr), "a live driver is told");

            int errors = machine.guestErrors().size();
            PokedPackedQueue again = PokedPackedQueue.start(disk, 0, 5);
            disk.header(4, 0);
            again.offer(3, header(again), new Element(disk.statusByte(), 1, W));
            again.kick();
            disk.settle();
            assertEquals(1, again.take(false).size());
            assertEquals(errors, machine.guestErrors().size());
        }
    }

    @Test
    void strayFlagsInATableAreNotedAndIgnored() {
        try (EmulatedMachine machine = Guests.withDisk(PACKED)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedPackedQueue queue = PokedPackedQueue.start(disk, PokedDevice.INDIRECT, 4);
            disk.header(4, 0);
            queue.offerIndirect(
                    1,
                    TABLES,
                    List.of(new Element(disk.header(), 16, PokedDevice.NEXT), new Element(disk.statusByte(), 1, W)));
            queue.kick();
            disk.settle();
            assertEquals(1, queue.take(false).size());
            assertEquals(List.of("packed-ring:499"), Guests.clauses(machine));
        }
    }

    @Test
    void whatADriverMustNotAskForIsNotedAndItIsTold() {
        Map<Integer, String> clauses =
                Map.of(2, "packed-ring:339", 3, "packed-ring:342", 4, "packed-ring:441", 0x8000, "packed-ring:441");
        clauses.forEach((flags, clause) -> {
            try (EmulatedMachine machine =
                    EmulatedMachine.builder().device(Rng.of().virtio(PACKED)).build()) {
                PokedDevice rng = PokedDevice.first(machine, 4);
                PokedPackedQueue queue = PokedPackedQueue.start(rng, 0, 4);
                rng.put16(queue.driverArea + 2, flags);
                queue.offer(1, new Element(BUFFERS, 8, W));
                queue.kick();
                rng.settle();
                assertEquals(List.of(clause), Guests.clauses(machine));
                assertEquals(1, machine.registers().read8(rng.isr));
            }
        });
    }

    @Test
    void anEventBeyondTheRingIsNoted() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of().virtio(PACKED)).build()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, PokedDevice.EVENT_IDX, 4);
            rng.put16(queue.driverArea, 4);
            rng.put16(queue.driverArea + 2, 2);
            queue.offer(1, new Element(BUFFERS, 8, W));
            queue.kick();
            rng.settle();
            assertEquals(List.of("packed-ring:345"), Guests.clauses(machine));
        }
    }

    @Test
    void areasThatAreNotAlignedAreNoted() {
        try (EmulatedMachine machine = Guests.withDisk(PACKED)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.negotiate(PokedDevice.VERSION_1 | PokedDevice.PACKED);
            disk.area(32, 0x5000);
            disk.area(40, 0x6002);
            machine.registers().write16(disk.common + 28, 1);
            assertEquals(List.of("packed-ring:393"), Guests.clauses(machine));
        }
    }

    @Test
    void aDescriptorThatNobodyAnnouncedIsNotServedBeforeTheNextKick() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(Rng.of().virtio(PACKED)).build()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, 0, 4);
            queue.offer(1, new Element(BUFFERS, 8, W));
            rng.settle();
            assertFalse(queue.hasUsed());
            queue.offer(2, new Element(BUFFERS, 8, W));
            queue.kick();
            rng.settle();
            assertEquals(2, queue.take(false).size());
        }
    }
}
