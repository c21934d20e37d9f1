package dev.postern.lab;

import dev.postern.machine.RegisterSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * The configuration space of the one virtio function of an emulated machine, some of whose bytes the guest is to read otherwise.
 * Offsets are those of the PCI Local Bus Specification 3.0, chapter 6, and of the virtio specification, "Virtio Structure PCI
 * Capabilities".
 */
final class OverlaidFunction {

    static final int VENDOR_SPECIFIC = 0x09;

    private static final long ECAM = 0xb000_0000L;
    private static final int FUNCTION_BYTES = 4096;
    private static final int DEVICES = 32;
    private static final int FUNCTIONS_A_DEVICE = 8;
    private static final int VIRTIO_VENDOR = 0x1af4;
    private static final int CAPABILITIES = 0x34;
    private static final int CAPABILITY_BYTES = 16;
    private static final int CFG_TYPE = 3;
    /** Where nothing of the devices here lies. */
    private static final int FREE = 0xe8;

    private final OverlaidRegisters overlaid;
    private final RegisterSpace honest;
    private final long base;

    /** Looks the function up. */
    OverlaidFunction(RegisterSpace honest) {
        this.honest = honest;
        overlaid = new OverlaidRegisters(honest);
        for (int device = 0; device < DEVICES; device++) {
            long at = ECAM + (long) device * FUNCTIONS_A_DEVICE * FUNCTION_BYTES;
            if (honest.read16(at) == VIRTIO_VENDOR) {
                base = at;
                return;
            }
        }
        throw new AssertionError("no virtio function at 0x%x".formatted(ECAM));
    }

    /** What the guest gets in place of the registers. */
    OverlaidRegisters registers() {
        return overlaid;
    }

    /** Lays bytes over the configuration space. */
    OverlaidFunction put(int offset, int... bytes) {
        overlaid.put(base + offset, bytes);
        return this;
    }

    /** Where the capabilities with an id are. */
    List<Integer> capabilities(int id) {
        List<Integer> found = new ArrayList<>();
        for (int at = honest.read8(base + CAPABILITIES); at != 0; at = honest.read8(base + at + 1)) {
            if (honest.read8(base + at) == id) {
                found.add(at);
            }
        }
        return found;
    }

    /** Where the first virtio capability of a type is. */
    int structure(int type) {
        for (int at : capabilities(VENDOR_SPECIFIC)) {
            if (honest.read8(base + at + CFG_TYPE) == type) {
                return at;
            }
        }
        throw new AssertionError("no structure of type " + type);
    }

    /** Puts a virtio capability in front of all others; it leads to nothing that the device has. */
    OverlaidFunction capabilityInFront(int type, int bar) {
        for (int i = 0; i < CAPABILITY_BYTES; i++) {
            if (honest.read8(base + FREE + i) != 0) {
                throw new AssertionError("offset 0x%x is not free".formatted(FREE + i));
            }
        }
        int first = honest.read8(base + CAPABILITIES);
        put(FREE, VENDOR_SPECIFIC, first, CAPABILITY_BYTES, type, bar, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x10, 0, 0);
        return put(CAPABILITIES, FREE);
    }
}
