package dev.postern.virtio.transport.pci;

import dev.postern.bus.pci.MemoryBar;
import dev.postern.bus.pci.PciCapability;
import dev.postern.bus.pci.PciFunction;
import dev.postern.virtio.ProbeRefusedException;
import java.util.Optional;

/**
 * One of the structures that a device shows through its BARs, found by a vendor-specific capability (transport-pci:148).
 *
 * @param pa guest-physical address of its first byte
 * @param length bytes; may be larger than the driver knows (transport-pci:279)
 * @param capability offset of the capability in configuration space
 */
record VirtioStructure(long pa, long length, int capability) {

    private static final int VENDOR_SPECIFIC = 0x09;
    private static final int CFG_TYPE = 3;
    private static final int BAR = 4;
    private static final int OFFSET = 8;
    private static final int LENGTH = 12;
    private static final int BARS = 6;

    /** The kinds a driver uses, with the least length that holds the fields it needs and what its offset must be a multiple of. */
    enum Kind {
        COMMON(1, 16, 56, 4, "common configuration"),
        NOTIFY(2, 20, 2, 2, "notification"),
        ISR(3, 16, 1, 1, "interrupt status"),
        DEVICE(4, 16, 0, 4, "device configuration");

        private final int type;
        /** The notification capability holds a multiplier behind the common part. */
        private final int leastCapabilityBytes;

        private final int leastLength;
        /** transport-pci:434, 568 and 658. */
        private final int alignment;

        private final String words;

        Kind(int type, int leastCapabilityBytes, int leastLength, int alignment, String words) {
            this.type = type;
            this.leastCapabilityBytes = leastCapabilityBytes;
            this.leastLength = leastLength;
            this.alignment = alignment;
            this.words = words;
        }
    }

    /**
     * The first structure of a kind (transport-pci:270); capabilities of other types or with a reserved BAR number are
     * passed over (transport-pci:267, 275), longer ones taken (transport-pci:273).
     *
     * @throws ProbeRefusedException when the capability points outside its BAR, is not aligned, or is too short to use
     */
    static Optional<VirtioStructure> find(PciFunction function, Kind kind) throws ProbeRefusedException {
        for (PciCapability capability : function.capabilities()) {
            int at = capability.offset();
            if (capability.id() != VENDOR_SPECIFIC
                    || function.read8(at + 2) < kind.leastCapabilityBytes
                    || function.read8(at + CFG_TYPE) != kind.type
                    || function.read8(at + BAR) >= BARS) {
                continue;
            }
            return Optional.of(locate(function, kind, at));
        }
        return Optional.empty();
    }

    /** As {@link #find}, for a structure that no driver can do without. */
    static VirtioStructure require(PciFunction function, Kind kind) throws ProbeRefusedException {
        return find(function, kind)
                .orElseThrow(() -> new ProbeRefusedException(
                        "%s: no %s capability; a modern virtio device has one".formatted(function.name(), kind.words)));
    }

    private static VirtioStructure locate(PciFunction function, Kind kind, int at) throws ProbeRefusedException {
        int index = function.read8(at + BAR);
        long offset = Integer.toUnsignedLong(function.read32(at + OFFSET));
        long length = Integer.toUnsignedLong(function.read32(at + LENGTH));
        Optional<MemoryBar> bar = function.bar(index);
        if (bar.isEmpty()) {
            throw new ProbeRefusedException("%s: the %s capability names BAR %d, which is no memory BAR"
                    .formatted(function.name(), kind.words, index));
        }
        if (offset > bar.get().size() || length > bar.get().size() - offset) {
            throw new ProbeRefusedException(
                    "%s: the %s capability points at 0x%x, length 0x%x, outside BAR %d of 0x%x bytes; the device is not used"
                            .formatted(
                                    function.name(),
                                    kind.words,
                                    offset,
                                    length,
                                    index,
                                    bar.get().size()));
        }
        if (offset % kind.alignment != 0) {
            throw new ProbeRefusedException("%s: the %s structure lies at 0x%x, which is no multiple of %d"
                    .formatted(function.name(), kind.words, offset, kind.alignment));
        }
        if (length < kind.leastLength) {
            throw new ProbeRefusedException("%s: the %s structure has %d bytes, at least %d are needed"
                    .formatted(function.name(), kind.words, length, kind.leastLength));
        }
        return new VirtioStructure(bar.get().pa() + offset, length, at);
    }
}
