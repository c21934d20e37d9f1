package dev.postern.bus.pci;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A function in a model of a bus: 4096 bytes of configuration space, of which some bits can be written, and memory behind
 * its BARs. Written from the PCI specifications, apart from the code under test.
 */
final class ModelFunction {

    final byte[] config = new byte[4096];
    final byte[] writable = new byte[4096];
    /** What was written to the memory of its BARs, by BAR and offset. */
    final Map<Long, Integer> memory = new HashMap<>();
    /** Functions on the secondary bus, by device and function number. */
    final Map<Integer, ModelFunction> behind = new TreeMap<>();

    private int lastCapability;

    private ModelFunction(int vendor, int device, int headerType) {
        set16(0, vendor);
        set16(2, device);
        config[0x0e] = (byte) headerType;
        writable16(4, 0x0547);
    }

    static ModelFunction endpoint(int device) {
        ModelFunction endpoint = new ModelFunction(0x1234, device, 0);
        endpoint.set16(0x2c, 0xabcd);
        endpoint.set16(0x2e, 0x0042);
        return endpoint;
    }

    /** A bridge with all windows. */
    static ModelFunction bridge(int device) {
        ModelFunction bridge = bridgeWithoutHighWindow(device);
        bridge.set16(0x24, 1);
        bridge.set16(0x26, 1);
        bridge.writable32(0x24, 0xfff0_fff0);
        bridge.writable32(0x28, -1);
        bridge.writable32(0x2c, -1);
        return bridge;
    }

    static ModelFunction bridgeWithoutHighWindow(int device) {
        ModelFunction bridge = new ModelFunction(0x1234, device, 1);
        bridge.config[0x0a] = 4;
        bridge.config[0x0b] = 6;
        bridge.writable16(0x18, 0xffff);
        bridge.writable[0x1a] = (byte) 0xff;
        bridge.writable16(0x1c, 0xf0f0);
        bridge.writable32(0x20, 0xfff0_fff0);
        bridge.writable16(0x3e, 0xffff);
        return bridge;
    }

    ModelFunction multifunction() {
        config[0x0e] |= (byte) 0x80;
        return this;
    }

    ModelFunction pin(int pin) {
        config[0x3d] = (byte) pin;
        return this;
    }

    ModelFunction bar32(int index, long size) {
        writable32(0x10 + 4 * index, (int) -size);
        return this;
    }

    ModelFunction bar64(int index, long size) {
        return wideBar(index, size, 4);
    }

    ModelFunction bar64Prefetchable(int index, long size) {
        return wideBar(index, size, 12);
    }

    ModelFunction ioBar(int index, int size) {
        config[0x10 + 4 * index] = 1;
        writable16(0x10 + 4 * index, -size);
        return this;
    }

    private ModelFunction wideBar(int index, long size, int type) {
        config[0x10 + 4 * index] = (byte) type;
        writable32(0x10 + 4 * index, (int) -size);
        writable32(0x14 + 4 * index, (int) (-size >> 32));
        return this;
    }

    /** Links a capability to the end of the list. */
    ModelFunction capability(int offset, int id, int... body) {
        config[6] |= 0x10;
        config[lastCapability == 0 ? 0x34 : lastCapability + 1] = (byte) offset;
        config[offset] = (byte) id;
        for (int i = 0; i < body.length; i++) {
            config[offset + 2 + i] = (byte) body[i];
        }
        lastCapability = offset;
        return this;
    }

    ModelFunction msix(int offset, int vectors, int table, int pending) {
        capability(offset, 0x11);
        set16(offset + 2, vectors - 1);
        writable16(offset + 2, 0xc000);
        set16(offset + 4, table);
        set16(offset + 6, table >>> 16);
        set16(offset + 8, pending);
        set16(offset + 10, pending >>> 16);
        return this;
    }

    ModelFunction put(int device, int function, ModelFunction there) {
        behind.put(device << 3 | function, there);
        return this;
    }

    void set16(int offset, int value) {
        config[offset] = (byte) value;
        config[offset + 1] = (byte) (value >>> 8);
    }

    void writable16(int offset, int mask) {
        writable[offset] = (byte) mask;
        writable[offset + 1] = (byte) (mask >>> 8);
    }

    void writable32(int offset, int mask) {
        writable16(offset, mask);
        writable16(offset + 2, mask >>> 16);
    }

    long get(int offset, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | config[offset + i] & 0xff;
        }
        return value;
    }

    void write(int offset, int width, int value) {
        for (int i = 0; i < width; i++) {
            int mask = writable[offset + i];
            config[offset + i] = (byte) (config[offset + i] & ~mask | value >>> 8 * i & mask);
        }
    }

    boolean isBridge() {
        return (config[0x0e] & 0x7f) == 1;
    }

    boolean decodesMemory() {
        return (config[4] & 2) != 0;
    }

    boolean masters() {
        return (config[4] & 4) != 0;
    }

    /** The key into {@link #memory} of an address, or -1 if no BAR is there; BAR number in the top byte. */
    long bar(long pa) {
        for (int index = 0; index < (isBridge() ? 2 : 6); index++) {
            int offset = 0x10 + 4 * index;
            int type = config[offset] & 0xf;
            long mask = maskOf(offset) & ~0xfL;
            if ((type & 1) != 0 || mask == 0 && type == 0) {
                continue;
            }
            boolean wide = (type & 6) == 4;
            long base = get(offset, 4) & ~0xfL;
            if (wide) {
                mask |= (long) (int) maskOf(offset + 4) << 32;
                base |= get(offset + 4, 4) << 32;
            } else {
                mask |= 0xffff_ffffL << 32;
            }
            if ((pa & mask) == base) {
                return (long) index << 56 | pa & ~mask;
            }
            index += wide ? 1 : 0;
        }
        return -1;
    }

    private long maskOf(int offset) {
        long mask = 0;
        for (int i = 3; i >= 0; i--) {
            mask = mask << 8 | writable[offset + i] & 0xff;
        }
        return mask;
    }

    /** Whether a bridge passes an address on. */
    boolean forwards(long pa) {
        long lowBase = (get(0x20, 2) & 0xfff0) << 16;
        long lowLimit = (get(0x22, 2) & 0xfff0) << 16 | 0xf_ffff;
        long highBase = (get(0x24, 2) & 0xfff0) << 16 | get(0x28, 4) << 32;
        long highLimit = (get(0x26, 2) & 0xfff0) << 16 | 0xf_ffff | get(0x2c, 4) << 32;
        boolean hasHigh = maskOf(0x24) != 0;
        return decodesMemory() && (pa >= lowBase && pa <= lowLimit || hasHigh && pa >= highBase && pa <= highLimit);
    }
}
