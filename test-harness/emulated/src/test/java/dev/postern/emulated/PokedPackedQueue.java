package dev.postern.emulated;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tests' own driver of one packed queue, written from the specification. It knows which buffers are out, and throws an
 * {@link AssertionError} when a used descriptor names another.
 */
final class PokedPackedQueue {

    static final int AVAIL = 1 << 7;
    static final int USED = 1 << 15;

    private static final int EVENTS = 0x8_0000;

    final PokedDevice device;
    final int index;
    final int size;
    final long ring;
    final long driverArea;
    final long deviceArea;

    int nextAvailable;
    int availableWrap = 1;
    int nextUsed;
    int usedWrap = 1;

    /** How many descriptors were made available since the last kick or decision against one. */
    private int unannounced;

    private final ArrayDeque<Out> outstanding = new ArrayDeque<>();

    /** A buffer that is out. */
    record Out(int id, int slots, long writable) {}

    /** One element of a buffer. */
    record Element(long address, int length, int flags) {}

    /** A buffer that came back; one that was skipped has the length that it was posted with. */
    record Used(int id, long length, int flags, boolean skipped) {}

    PokedPackedQueue(PokedDevice device, int index, int size) {
        this.device = device;
        this.index = index;
        this.size = size;
        this.ring = 0x100_0000L + index * 0x10_0000L;
        this.driverArea = ring + EVENTS;
        this.deviceArea = ring + EVENTS + 4;
    }

    /** Negotiates, enables queue 0 of the size and goes live. */
    static PokedPackedQueue start(PokedDevice device, long features, int size) {
        device.negotiate(features | PokedDevice.VERSION_1 | PokedDevice.PACKED);
        PokedPackedQueue queue = new PokedPackedQueue(device, 0, size);
        queue.enable(PokedDevice.NO_VECTOR);
        device.status(15);
        return queue;
    }

    void enable(int vector) {
        device.ram.asSlice(ring, 16L * size).fill((byte) 0);
        device.put32(driverArea, 0);
        device.put32(deviceArea, 0);
        device.registers.write16(device.common + 22, index);
        device.registers.write16(device.common + 24, size);
        if (vector != PokedDevice.NO_VECTOR) {
            device.registers.write16(device.common + 26, vector);
        }
        device.area(32, ring);
        device.area(40, driverArea);
        device.area(48, deviceArea);
        device.registers.write16(device.common + 28, 1);
    }

    int free() {
        return size - outstanding.stream().mapToInt(Out::slots).sum();
    }

    int outstanding() {
        return outstanding.size();
    }

    private int flags(int at, int wrap, int flags) {
        return flags | (wrap == 1 ? AVAIL : USED);
    }

    void write(int at, long address, int length, int id) {
        device.put64(ring + 16L * at, device.dma(address));
        device.put32(ring + 16L * at + 8, length);
        device.put16(ring + 16L * at + 12, id);
    }

    void flags(int at, int flags) {
        device.put16(ring + 16L * at + 14, flags);
    }

    /** Makes a buffer of direct descriptors available. */
    void offer(int id, List<Element> elements) {
        int at = nextAvailable;
        int wrap = availableWrap;
        int firstFlags = 0;
        for (int i = 0; i < elements.size(); i++) {
            Element element = elements.get(i);
            boolean last = i == elements.size() - 1;
            write(at, element.address(), element.length(), last ? id : 0xdead);
            int flags = flags(at, wrap, element.flags() | (last ? 0 : PokedDevice.NEXT));
            if (i == 0) {
                firstFlags = flags;
            } else {
                flags(at, flags);
            }
            if (++at == size) {
                at = 0;
                wrap ^= 1;
            }
        }
        flags(nextAvailable, firstFlags);
        moved(id, elements.size(), at, wrap, writable(elements));
    }

    private static long writable(List<Element> elements) {
        return elements.stream()
                .filter(e -> (e.flags() & PokedDevice.WRITE) != 0)
                .mapToLong(Element::length)
                .sum();
    }

    /** Makes a buffer available through a table. */
    void offerIndirect(int id, long table, List<Element> elements) {
        for (int i = 0; i < elements.size(); i++) {
            device.put64(table + 16L * i, device.dma(elements.get(i).address()));
            device.put32(table + 16L * i + 8, elements.get(i).length());
            device.put16(table + 16L * i + 12, 0xbeef);
            device.put16(table + 16L * i + 14, elements.get(i).flags());
        }
        write(nextAvailable, table, 16 * elements.size(), id);
        flags(nextAvailable, flags(nextAvailable, availableWrap, PokedDevice.INDIRECT_FLAG));
        boolean wraps = nextAvailable + 1 == size;
        moved(id, 1, wraps ? 0 : nextAvailable + 1, wraps ? availableWrap ^ 1 : availableWrap, writable(elements));
    }

    void offer(int id, Element... elements) {
        offer(id, Arrays.asList(elements));
    }

    private void moved(int id, int slots, int at, int wrap, long writable) {
        nextAvailable = at;
        availableWrap = wrap;
        unannounced += slots;
        outstanding.add(new Out(id, slots, writable));
    }

    /** Whether the device asked to be told of what was offered since the last call. */
    boolean wantsKick() {
        int span = unannounced;
        unannounced = 0;
        int desc = device.get16(deviceArea);
        return switch (device.get16(deviceArea + 2)) {
            case 0 -> span > 0;
            case 1 -> false;
            case 2 -> passed(desc & 0x7fff, desc >>> 15, nextAvailable, availableWrap, span);
            default -> throw new AssertionError("device event flags " + device.get16(deviceArea + 2));
        };
    }

    /** Whether a descriptor is one of the {@code span} ones before a position. */
    boolean passed(int offset, int wrap, int at, int wrapAt, int span) {
        for (int i = 0; i < span; i++) {
            if (--at < 0) {
                at = size - 1;
                wrapAt ^= 1;
            }
            if (at == offset && wrapAt == wrap) {
                return true;
            }
        }
        return false;
    }

    void kick() {
        device.kick(index);
    }

    /** The value of a notification with data. */
    int notificationData(int name) {
        return name | (nextAvailable | availableWrap << 15) << 16;
    }

    /** The flags where the next used descriptor will be. */
    int usedFlags() {
        return device.get16(ring + 16L * nextUsed + 14);
    }

    boolean hasUsed() {
        int flags = usedFlags();
        return (flags & AVAIL) != 0 == (usedWrap == 1) && (flags & USED) != 0 == (usedWrap == 1);
    }

    /** What came back, in order. A buffer that is not the oldest one out makes all before it skipped when {@code inOrder}. */
    List<Used> take(boolean inOrder) {
        List<Used> all = new ArrayList<>();
        while (hasUsed()) {
            int id = device.get16(ring + 16L * nextUsed + 12);
            int flags = usedFlags();
            long length = (flags & PokedDevice.WRITE) == 0 ? 0 : device.get32(ring + 16L * nextUsed + 8) & 0xffff_ffffL;
            if (inOrder) {
                while (outstanding.getFirst().id() != id) {
                    Out skipped = outstanding.removeFirst();
                    all.add(new Used(skipped.id(), skipped.writable(), 0, true));
                    advance(skipped.slots());
                    if (outstanding.isEmpty()) {
                        throw new AssertionError("used id " + id + " is not out");
                    }
                }
                advance(outstanding.removeFirst().slots());
            } else {
                Out out = outstanding.stream()
                        .filter(one -> one.id() == id)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("used id " + id + " is not out"));
                outstanding.remove(out);
                advance(out.slots());
            }
            all.add(new Used(id, length, flags, false));
        }
        return all;
    }

    private void advance(int by) {
        nextUsed += by;
        if (nextUsed >= size) {
            nextUsed -= size;
            usedWrap ^= 1;
        }
    }

    /** Forgets everything, after a reset of the queue. */
    void forget() {
        nextAvailable = 0;
        availableWrap = 1;
        nextUsed = 0;
        usedWrap = 1;
        unannounced = 0;
        outstanding.clear();
    }
}
