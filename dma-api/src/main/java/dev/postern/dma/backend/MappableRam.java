package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.PaWindow;
import dev.postern.memory.PhysicalMemory;

/** What may be mapped where it lies: RAM that the bus carries for the device. Nothing is allocated unless a check fails. Immutable. */
final class MappableRam {

    private final PhysicalMemory memory;
    private final PaWindow window;
    private final String device;
    private final RegionMap carried;

    /**
     * RAM as one device may have it.
     *
     * @param window what the bus carries
     * @param device what messages call it
     */
    MappableRam(PhysicalMemory memory, PaWindow window, String device) {
        this.memory = memory;
        this.window = window;
        this.device = device;
        carried = RegionMap.within(memory, window);
    }

    /**
     * Throws unless a range is RAM that the bus carries.
     *
     * @param length at least 1
     */
    void check(long pa, long length) {
        if (carried.find(pa, length) == RegionMap.NONE) {
            throw refusal(pa, length);
        }
    }

    private DmaMappingException refusal(long pa, long length) {
        return memory.contains(pa, length)
                ? new DmaMappingException(
                        "DMA: %s: 0x%x, length 0x%x, is RAM that the bus does not carry for the device, only 0x%x-0x%x: bounce it"
                                .formatted(device, pa, length, window.firstPa(), window.lastPa()))
                : notRam(device, pa, length);
    }

    /** For a range that is none of RAM. */
    static DmaMappingException notRam(String device, long pa, long length) {
        return new DmaMappingException(
                "DMA: %s: 0x%x, length 0x%x, is not inside one RAM region: map memory from the frame allocator only"
                        .formatted(device, pa, length));
    }
}
