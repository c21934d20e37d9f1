package dev.postern.emulated.firmware;

/**
 * A part of RAM as a bus shows it to its devices: one entry of {@code dma-ranges} (Devicetree Specification 0.4, 2.3.9).
 *
 * @param pa guest-physical address of the first byte
 * @param size in bytes
 * @param bus address on the bus of the first byte
 */
public record BusRange(long pa, long size, long bus) {

    /** Whether an address on the bus leads here. */
    public boolean contains(long dva) {
        return Long.compareUnsigned(dva - bus, size) < 0;
    }

    /** The guest-physical address for one on the bus that leads here. */
    public long toPa(long dva) {
        return pa + (dva - bus);
    }
}
