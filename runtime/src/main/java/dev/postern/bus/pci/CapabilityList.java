package dev.postern.bus.pci;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Walks a function's capability lists. Both walks end on any list: an offset that was seen before ends them, and there
 * are finitely many offsets.
 */
final class CapabilityList {

    private static final int HEADER_END = 0x40;
    private static final int PLAIN_END = 0x100;
    private static final int EXTENDED_END = 0x1000;

    private CapabilityList() {}

    /** The list in the first 256 bytes, in list order, up to the first fault; faults go to {@code warnings}. */
    static List<PciCapability> plain(ConfigSpace config, PciAddress at, Consumer<String> warnings) {
        if ((config.read16(at, ConfigRegister.STATUS) & ConfigRegister.STATUS_CAPABILITIES) == 0) {
            return List.of();
        }
        List<PciCapability> found = new ArrayList<>();
        BitSet seen = new BitSet();
        int pointer = config.read8(at, ConfigRegister.CAPABILITIES);
        // The two low bits are reserved and to be masked, by the PCI specification; nothing else may point elsewhere.
        for (int offset = pointer & ~3; offset != 0; offset = pointer & ~3) {
            if ((pointer & 3) != 0) {
                warnings.accept("PCI %s: capability pointer 0x%x is not aligned; its low two bits are ignored"
                        .formatted(at, pointer));
            }
            if (offset < HEADER_END) {
                warnings.accept("PCI %s: capability pointer 0x%x leads into the header; the list ends there"
                        .formatted(at, pointer));
                break;
            }
            if (seen.get(offset)) {
                warnings.accept("PCI %s: the capability list returns to 0x%x; it ends there".formatted(at, offset));
                break;
            }
            seen.set(offset);
            int header = config.read16(at, offset);
            if (header == 0xffff) {
                warnings.accept(
                        "PCI %s: the capability at 0x%x reads as all ones; the list ends there".formatted(at, offset));
                break;
            }
            int id = header & 0xff;
            // 0 is the null capability: nothing but a link.
            if (id != 0) {
                found.add(new PciCapability(id, offset, length(config, at, id, offset, warnings)));
            }
            pointer = header >>> 8;
        }
        return found;
    }

    private static int length(ConfigSpace config, PciAddress at, int id, int offset, Consumer<String> warnings) {
        if (id != ConfigRegister.CAPABILITY_VENDOR) {
            return 0;
        }
        int length = config.read8(at, offset + 2);
        if (offset + length > PLAIN_END) {
            warnings.accept("PCI %s: the vendor capability at 0x%x says %d bytes and only %d are left; it is cut"
                    .formatted(at, offset, length, PLAIN_END - offset));
            return PLAIN_END - offset;
        }
        return length;
    }

    /** The list of PCI Express from offset 0x100, in list order, up to the first fault. */
    static List<PciCapability> extended(ConfigSpace config, PciAddress at, Consumer<String> warnings) {
        if (config.functionBytes() < EXTENDED_END) {
            return List.of();
        }
        List<PciCapability> found = new ArrayList<>();
        BitSet seen = new BitSet();
        int offset = PLAIN_END;
        while (offset != 0) {
            if (offset < PLAIN_END || seen.get(offset)) {
                warnings.accept(
                        "PCI %s: the extended capability list leads back to 0x%x; it ends there".formatted(at, offset));
                break;
            }
            seen.set(offset);
            int header = config.read32(at, offset);
            // All zeroes at the start is an empty list; all ones is a function without extended space.
            if (header == 0 || header == -1) {
                break;
            }
            found.add(new PciCapability(header & 0xffff, offset, 0));
            offset = header >>> 20 & ~3;
        }
        return found;
    }
}
