package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysicalMemory;
import dev.postern.virtio.queue.QueueBrokenException;
import dev.postern.virtio.queue.QueueOptions;
import dev.postern.virtio.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules for what lies in a ring, looked up byte by byte where a device would look. */
class RingClausesTest {

    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;
    private static final int ENTRY = 16;
    /** packed-ring:341. */
    private static final int AT_DESCRIPTOR = 2;

    private final HostileContext context = DmaContexts.hostile(
            Seed.value(),
            new FrameAllocator(
                    new PhysicalMemory(
                            List.of(new RamRegion(0x1_0000_0000L, Arena.ofAuto().allocate(4 << 20, 4096)))),
                    List.of()),
            DmaConstraints.NONE,
            "q");
    private Virtqueue queue;

    @AfterEach
    void giveBack() {
        if (queue != null) {
            queue.close();
        }
        context.close();
    }

    private void openPacked(int size, QueueOptions.Chaining chains) {
        queue = Virtqueue.open(
                new QueueOptions(
                        "q",
                        0,
                        size,
                        size,
                        QueueOptions.Format.PACKED,
                        chains,
                        QueueOptions.UsedSignals.SUPPRESSED,
                        QueueOptions.EventMarks.INDICES,
                        QueueOptions.UseOrder.ANY),
                context);
    }

    private void commit(int buffers) throws Exception {
        assertTrue(queue.begin(buffers));
        for (int i = 0; i < buffers; i++) {
            queue.writable(0x1000L * (i + 1), 64);
        }
        queue.commit();
    }

    private ByteBuffer bytes(long dva, int length) {
        return ByteBuffer.wrap(context.deviceView().read(dva, length)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] entry(int slot) {
        return bytes(queue.addresses().descriptorDva() + (long) slot * ENTRY, ENTRY)
                .array();
    }

    private int flags(int slot) {
        return ByteBuffer.wrap(entry(slot)).order(ByteOrder.LITTLE_ENDIAN).getShort(14) & 0xffff;
    }

    private static boolean available(int flags) {
        return (flags & AVAIL) != 0 && (flags & USED) == 0;
    }

    private void put16(long dva, int value) {
        context.deviceView().write(dva, new byte[] {(byte) value, (byte) (value >> 8)});
    }

    @Test
    @Clause("packed-ring:392")
    void theAreasOfAPackedRingAreAligned() {
        openPacked(7, QueueOptions.Chaining.DIRECT);
        assertEquals(0, queue.addresses().descriptorDva() % 16);
        assertEquals(0, queue.addresses().driverDva() % 4);
        assertEquals(0, queue.addresses().deviceDva() % 4);
    }

    @Test
    @Clause({"packed-ring:456", "packed-ring:458"})
    void whatADeviceWasShownDoesNotChangeBeforeItIsUsed() throws Exception {
        openPacked(7, QueueOptions.Chaining.DIRECT);
        commit(3);
        queue.publish();
        byte[][] shown = {entry(0), entry(1), entry(2)};
        commit(2);
        queue.publish();
        assertTrue(queue.begin(2));
        queue.writable(1, 1);
        queue.abandon();
        commit(2);
        assertFalse(queue.begin(1), "the ring is full");
        queue.publish();
        queue.askForSignal();
        for (int slot = 0; slot < 3; slot++) {
            assertArrayEquals(shown[slot], entry(slot), "entry " + slot);
        }
    }

    @Test
    @Clause({"packed-ring:468", "packed-ring:471", "packed-ring:479", "packed-ring:481", "packed-ring:502"})
    void aListIsNeverLongerThanTheRingAndNotBegunWithoutRoomForAllOfIt() throws Exception {
        for (QueueOptions.Chaining chains : QueueOptions.Chaining.values()) {
            openPacked(5, chains);
            assertEquals(5, queue.longestChain());
            assertThrows(IllegalArgumentException.class, () -> queue.begin(6));
            QueueOptions limited = queue.options().withLongestChain(2);
            queue.close();
            // What a device allows, such as a disk's most segments, is the longest chain that its queue is made for.
            queue = Virtqueue.open(limited, context);
            assertThrows(IllegalArgumentException.class, () -> queue.begin(3));
            queue.close();
            queue = null;
        }
        openPacked(5, QueueOptions.Chaining.DIRECT);
        commit(3);
        queue.publish();
        assertFalse(queue.begin(3));
        assertEquals(0, flags(3), "nothing of a list that does not fit is in the ring");
        commit(2);
    }

    @Test
    @Clause("packed-ring:476")
    void writableElementsComeLastOrTheListIsRefused() throws Exception {
        openPacked(5, QueueOptions.Chaining.DIRECT);
        assertTrue(queue.begin(3));
        queue.readable(1, 1);
        queue.writable(2, 1);
        assertThrows(IllegalStateException.class, () -> queue.readable(3, 1));
        queue.writable(3, 1);
        queue.commit();
        queue.publish();
        assertEquals(NEXT | AVAIL, flags(0));
        assertEquals(NEXT | WRITE | AVAIL, flags(1));
        assertEquals(WRITE | AVAIL, flags(2));
    }

    @Test
    @Clause("packed-ring:485")
    void theFirstDescriptorOfAListIsAvailableLast() throws Exception {
        openPacked(5, QueueOptions.Chaining.DIRECT);
        commit(3);
        assertFalse(available(flags(0)));
        assertTrue(available(flags(1)) && available(flags(2)), "all others are there before");
        queue.publish();
        assertTrue(available(flags(0)));
    }

    @Test
    @Clause({"packed-ring:498", "packed-ring:499", "packed-ring:505"})
    void tablesAreThereOnlyWhenAgreedOnAndHaveNoFlagButWrite() throws Exception {
        openPacked(5, QueueOptions.Chaining.DIRECT);
        commit(5);
        queue.publish();
        for (int slot = 0; slot < 5; slot++) {
            assertEquals(0, flags(slot) & INDIRECT, "entry " + slot);
        }
        queue.close();
        openPacked(5, QueueOptions.Chaining.INDIRECT);
        assertTrue(queue.begin(3));
        queue.readable(1, 1);
        queue.writable(2, 1);
        queue.writable(3, 1);
        queue.commit();
        queue.publish();
        assertEquals(INDIRECT | AVAIL, flags(0), "no NEXT beside INDIRECT");
        ByteBuffer table =
                bytes(ByteBuffer.wrap(entry(0)).order(ByteOrder.LITTLE_ENDIAN).getLong(0), 3 * ENTRY);
        assertEquals(0, table.getShort(14));
        assertEquals(WRITE, table.getShort(ENTRY + 14));
        assertEquals(WRITE, table.getShort(2 * ENTRY + 14));
    }

    @Test
    @Clause({"split-ring:348", "split-ring:530", "split-ring:535"})
    void withEventIdxTheNamedIndexDecidesAndFlagsAreNeitherSetNorLookedAt() throws Exception {
        int size = 8;
        queue = Virtqueue.open(
                new QueueOptions("q", 0, size, 1, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.SUPPRESSED)
                        .withEvents(QueueOptions.EventMarks.INDICES),
                context);
        long used = queue.addresses().deviceDva();
        long availEvent = used + 4 + 8L * size;
        for (int index = 0; index < size; index++) {
            boolean named = index % 3 == 1;
            put16(used, index % 2);
            put16(availEvent, named ? index : index + 1);
            commit(1);
            assertEquals(named, queue.publish(), "index " + index);
            assertEquals(0, bytes(queue.addresses().driverDva(), 2).getShort(0), "the driver's flags");
        }
    }

    @Test
    void withEventIdxTheNamedPlaceOfAPackedRingDecides() throws Exception {
        int size = 5;
        openPacked(size, QueueOptions.Chaining.DIRECT);
        long wish = queue.addresses().deviceDva();
        put16(wish + 2, AT_DESCRIPTOR);
        // Round the ring and round again: places of the other round are no wish for now.
        for (int turn = 0; turn < 4 * size; turn++) {
            int slot = turn % size;
            int wrap = turn / size % 2 == 0 ? 1 << 15 : 0;
            boolean named = turn % 3 == 1;
            put16(
                    wish,
                    named
                            ? slot | wrap
                            : turn % 3 == 0
                                    ? (slot + 1) % size | (slot + 1 == size ? wrap ^ 1 << 15 : wrap)
                                    : slot | wrap ^ 1 << 15);
            commit(1);
            assertEquals(named, queue.publish(), "turn " + turn);
            byte[] used = entry(slot);
            used[14] = (byte) (wrap == 0 ? 0 : AVAIL);
            used[15] = (byte) (wrap == 0 ? 0 : USED >> 8);
            context.deviceView().write(queue.addresses().descriptorDva() + (long) slot * ENTRY, used);
            assertNotEquals(Virtqueue.NONE, queue.pollUsed());
        }
    }

    @Test
    @Clause({"split-ring:228", "split-ring:278"})
    void anOrderedQueueLinksDescriptorsInTheOrderOfTheRingAndOfTheTable() throws Exception {
        int size = 4;
        QueueOptions ordered = new QueueOptions(
                        "q", 0, size, size, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.SUPPRESSED)
                .withOrder(QueueOptions.UseOrder.AS_AVAILABLE);
        queue = Virtqueue.open(ordered, context);
        boolean aroundTheEnd = false;
        for (int turn = 0; turn < 3 * size; turn++) {
            assertTrue(queue.begin(3));
            queue.readable(1, 1);
            queue.readable(2, 1);
            queue.writable(3, 1);
            int head = queue.commit();
            queue.publish();
            int slot = head;
            for (int link = 0; link < 2; link++) {
                ByteBuffer descriptor = ByteBuffer.wrap(entry(slot)).order(ByteOrder.LITTLE_ENDIAN);
                assertEquals(NEXT, descriptor.getShort(12));
                int expected = slot == size - 1 ? 0 : slot + 1;
                aroundTheEnd |= expected == 0;
                assertEquals(expected, descriptor.getShort(14), "after " + slot);
                slot = expected;
            }
            use(turn, head, size);
            assertEquals(head, queue.pollUsed());
        }
        assertTrue(aroundTheEnd);
        queue.close();
        queue = Virtqueue.open(
                new QueueOptions("q", 0, size, size, QueueOptions.Chaining.INDIRECT, QueueOptions.UsedSignals.WANTED)
                        .withOrder(QueueOptions.UseOrder.AS_AVAILABLE),
                context);
        commit(4);
        queue.publish();
        ByteBuffer table =
                bytes(ByteBuffer.wrap(entry(0)).order(ByteOrder.LITTLE_ENDIAN).getLong(0), 4 * ENTRY);
        for (int i = 0; i < 3; i++) {
            assertEquals(i + 1, table.getShort(i * ENTRY + 14));
        }
        assertEquals(WRITE, table.getShort(3 * ENTRY + 12), "the last has no next");
    }

    private void use(int turn, int head, int size) {
        long used = queue.addresses().deviceDva();
        byte[] element = new byte[8];
        element[0] = (byte) head;
        context.deviceView().write(used + 4 + 8L * (turn % size), element);
        put16(used + 2, turn + 1);
    }

    @Test
    void aDeviceThatUsesAPackedChainThatItHasNotIsStopped() throws Exception {
        openPacked(5, QueueOptions.Chaining.DIRECT);
        commit(1);
        queue.publish();
        // The id of no chain, marked used in the first round.
        byte[] lie = new byte[ENTRY];
        Arrays.fill(lie, 0, 8, (byte) 0xff);
        lie[12] = 3;
        lie[14] = (byte) AVAIL;
        lie[15] = (byte) (USED >> 8);
        context.deviceView().write(queue.addresses().descriptorDva(), lie);
        assertThrows(QueueBrokenException.class, queue::pollUsed);
    }

    @Test
    void aDeviceThatWritesMoreIntoAPackedChainThanItHoldsIsStopped() throws Exception {
        openPacked(5, QueueOptions.Chaining.DIRECT);
        commit(1);
        queue.publish();
        byte[] lie = new byte[ENTRY];
        lie[8] = 65;
        lie[14] = (byte) AVAIL;
        lie[15] = (byte) (USED >> 8);
        context.deviceView().write(queue.addresses().descriptorDva(), lie);
        assertThrows(QueueBrokenException.class, queue::pollUsed);
    }
}
