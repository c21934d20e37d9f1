package dev.postern.bus.pci;

/**
 * One entry of a function's capability list.
 *
 * @param id what it is; 9 is vendor-specific
 * @param offset of its first byte in configuration space, a multiple of 4: 0x40 or more, 0x100 or more for an extended
 *     one
 * @param length for a vendor-specific capability, its own length byte, unchecked but for ending within the 256 bytes;
 *     else 0, because no other kind says its length
 */
public record PciCapability(int id, int offset, int length) {

    /** The id of capabilities whose meaning the vendor of the device defines. */
    public static final int VENDOR_SPECIFIC = ConfigRegister.CAPABILITY_VENDOR;
}
