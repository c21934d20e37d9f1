package dev.postern.emulated;

import dev.postern.machine.RegisterSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongUnaryOperator;

/**
 * The tests' own virtio driver: a register poker with one split queue per index, at fixed places in low RAM. It checks
 * nothing that a test wants to break, and shares nothing with any real driver.
 */
final class PokedDevice {

    static final long VERSION_1 = 1L << 32;
    static final long INDIRECT = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    static final long FLUSH = 1L << 9;
    static final long ACCESS_PLATFORM = 1L << 33;
    static final long PACKED = 1L << 34;
    static final long IN_ORDER = 1L << 35;
    static final long NOTIFICATION_DATA = 1L << 38;
    static final long NOTIF_CONFIG_DATA = 1L << 39;
    static final long RING_RESET = 1L << 40;

    static final int WRITE = 2;
    static final int NEXT = 1;
    static final int INDIRECT_FLAG = 4;

    static final int NO_VECTOR = 0xffff;

    final EmulatedMachine machine;
    final PokedBuses buses;
    final int bus;
    final int slot;
    final RegisterSpace registers;
    final MemorySegment ram;
    final long common;
    final long notify;
    final int multiplier;
    final long isr;
    final long config;
    final int accessCapability;
    final int msixCapability;
    final long msixTable;
    long queueBase;

    /** The device's address of a byte of RAM. */
    private LongUnaryOperator addressing;

    int queueSize = 16;

    PokedDevice(EmulatedMachine machine, PokedBuses buses, int bus, int slot) {
        this.machine = machine;
        this.buses = buses;
        this.bus = bus;
        this.slot = slot;
        this.registers = machine.registers();
        this.ram = machine.ram().getFirst().segment();
        this.common = structure(1);
        this.notify = structure(2);
        this.isr = structure(3);
        this.config = structure(4);
        this.accessCapability = virtioCapability(5);
        this.multiplier = buses.read32(bus, slot, virtioCapability(2) + 16);
        this.msixCapability = buses.capability(bus, slot, 0x11, 0);
        this.msixTable = buses.bar(bus, slot, buses.read32(bus, slot, msixCapability + 4) & 7);
        long bit = PokedPlatform.dmaBit(machine);
        this.addressing = pa -> pa | bit;
        this.queueBase = 0x20_0000L + (bus * 32L + slot) * 0x1_0000L;
    }

    /** Sets the machine up and takes the first virtio device of an id. */
    static PokedDevice first(EmulatedMachine machine, int virtioId) {
        PokedBuses buses = new PokedBuses(machine).setUp();
        return buses.found().stream()
                .filter(f -> f.vendor() == 0x1af4 && f.device() == 0x1040 + virtioId)
                .findFirst()
                .map(f -> new PokedDevice(machine, buses, f.bus(), f.slot()))
                .orElseThrow();
    }

    private int virtioCapability(int type) {
        for (int nth = 0; ; nth++) {
            int at = buses.capability(bus, slot, 0x09, nth);
            if (at == 0 || registers.read8(buses.config(bus, slot, at + 3)) == type) {
                return at;
            }
        }
    }

    private long structure(int type) {
        int at = virtioCapability(type);
        if (at == 0) {
            return 0;
        }
        int index = registers.read8(buses.config(bus, slot, at + 4));
        return buses.bar(bus, slot, index) + (buses.read32(bus, slot, at + 8) & 0xffff_ffffL);
    }

    int status() {
        return registers.read8(common + 20);
    }

    void status(int value) {
        registers.write8(common + 20, value);
    }

    long offered() {
        registers.write32(common, 0);
        long low = registers.read32(common + 4) & 0xffff_ffffL;
        registers.write32(common, 1);
        return low | (long) registers.read32(common + 4) << 32;
    }

    void accept(long features) {
        registers.write32(common + 8, 0);
        registers.write32(common + 12, (int) features);
        registers.write32(common + 8, 1);
        registers.write32(common + 12, (int) (features >>> 32));
    }

    /** Resets and waits, for at most a thousand reads. */
    void reset() {
        status(0);
        for (int i = 0; i < 1000; i++) {
            if (status() == 0) {
                return;
            }
        }
        throw new AssertionError("the reset did not finish");
    }

    /** From reset to FEATURES_OK; returns the status read back. */
    int negotiate(long features) {
        reset();
        status(1);
        status(3);
        accept(features);
        status(11);
        return status();
    }

    /** From reset to DRIVER_OK with queue 0 and no vectors. */
    PokedDevice start(long features) {
        negotiate(features);
        enableQueue(0, NO_VECTOR);
        status(15);
        return this;
    }

    long descriptors(int queue) {
        return queueBase + queue * 0x4000L;
    }

    long available(int queue) {
        return descriptors(queue) + 0x1000;
    }

    long used(int queue) {
        return descriptors(queue) + 0x2000;
    }

    /** Where a test may put its buffers. */
    long buffers() {
        return queueBase + 0x8000;
    }

    void enableQueue(int queue, int vector) {
        ram.asSlice(descriptors(queue), 0x4000).fill((byte) 0);
        registers.write16(common + 22, queue);
        registers.write16(common + 24, queueSize);
        if (vector != NO_VECTOR) {
            registers.write16(common + 26, vector);
        }
        area(32, descriptors(queue));
        area(40, available(queue));
        area(48, used(queue));
        registers.write16(common + 28, 1);
    }

    /** The device's address of a byte. */
    long dma(long pa) {
        return addressing.applyAsLong(pa);
    }

    /** From now on the device is given other addresses of the same bytes. */
    PokedDevice addressing(LongUnaryOperator toDma) {
        addressing = toDma;
        return this;
    }

    /** From now on rings and buffers, 64 KiB, are here. */
    PokedDevice at(long pa) {
        queueBase = pa;
        return this;
    }

    void area(int offset, long pa) {
        long address = dma(pa);
        registers.write32(common + offset, (int) address);
        registers.write32(common + offset + 4, (int) (address >>> 32));
    }

    void put16(long pa, int value) {
        ram.set(ValueLayout.JAVA_SHORT_UNALIGNED, pa, (short) value);
    }

    void put32(long pa, int value) {
        ram.set(ValueLayout.JAVA_INT_UNALIGNED, pa, value);
    }

    void put64(long pa, long value) {
        ram.set(ValueLayout.JAVA_LONG_UNALIGNED, pa, value);
    }

    int get16(long pa) {
        return ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, pa) & 0xffff;
    }

    int get32(long pa) {
        return ram.get(ValueLayout.JAVA_INT_UNALIGNED, pa);
    }

    int get8(long pa) {
        return ram.get(ValueLayout.JAVA_BYTE, pa) & 0xff;
    }

    void descriptor(long table, int index, long address, int length, int flags, int next) {
        put64(table + 16L * index, dma(address));
        put32(table + 16L * index + 8, length);
        put16(table + 16L * index + 12, flags);
        put16(table + 16L * index + 14, next);
    }

    void descriptor(int index, long address, int length, int flags, int next) {
        descriptor(descriptors(0), index, address, length, flags, next);
    }

    /** Makes a head available on queue 0, without a notification. */
    void offer(int head) {
        int index = get16(available(0) + 2);
        put16(available(0) + 4 + 2L * (index % queueSize), head);
        put16(available(0) + 2, index + 1);
    }

    void kick(int queue) {
        registers.write16(notify + (long) queue * multiplier, queue);
    }

    int usedIndex() {
        return get16(used(0) + 2);
    }

    int usedId(int at) {
        return get32(used(0) + 4 + 8L * (at % queueSize));
    }

    int usedLength(int at) {
        return get32(used(0) + 8 + 8L * (at % queueSize));
    }

    /** Lets the device work until queue 0 has used as many, for at most a thousand turns. */
    boolean waitUsed(int index) {
        for (int i = 0; i < 1000; i++) {
            if (usedIndex() == (index & 0xffff)) {
                return true;
            }
            machine.cpu().relax();
        }
        return false;
    }

    /** Lets the device work for a while. */
    void settle() {
        for (int i = 0; i < 10; i++) {
            machine.cpu().relax();
        }
    }

    // ---- block requests: header at buffers(), status at +0x20, data at +0x200

    long header() {
        return buffers();
    }

    long statusByte() {
        return buffers() + 0x20;
    }

    long data() {
        return buffers() + 0x200;
    }

    void header(int type, long sector) {
        put32(header(), type);
        put32(header() + 4, 0);
        put64(header() + 8, sector);
        ram.set(ValueLayout.JAVA_BYTE, statusByte(), (byte) 0xee);
    }

    /** One request with one data buffer in descriptors 0 to 2; returns the status, or -1 when it was not answered. */
    int request(int type, long sector, int length) {
        header(type, sector);
        if (length == 0) {
            descriptor(0, header(), 16, NEXT, 2);
        } else {
            descriptor(0, header(), 16, NEXT, 1);
            descriptor(1, data(), length, type == 1 ? NEXT : NEXT | WRITE, 2);
        }
        descriptor(2, statusByte(), 1, WRITE, 0);
        int before = usedIndex();
        offer(0);
        kick(0);
        return waitUsed(before + 1) ? get8(statusByte()) : -1;
    }

    byte[] data(int length) {
        return ram.asSlice(data(), length).toArray(ValueLayout.JAVA_BYTE);
    }

    // ---- MSI-X

    void msixControl(int bits) {
        buses.write16(bus, slot, msixCapability + 2, bits);
    }

    void vector(int index, long pa, int data, int mask) {
        long address = dma(pa);
        registers.write32(msixTable + 16L * index, (int) address);
        registers.write32(msixTable + 16L * index + 4, (int) (address >>> 32));
        registers.write32(msixTable + 16L * index + 8, data);
        registers.write32(msixTable + 16L * index + 12, mask);
    }
}
