package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Arrays;
import java.util.List;

/**
 * A range of dma-ranges.
 *
 * <p>Source: struct bus_dma_region and translate_phys_to_dma() in include/linux/dma-direct.h, v6.12.117.
 *
 * @param cpuStart its first physical address, unsigned
 * @param size its length in bytes, unsigned, not 0
 * @param dmaStart the device's address of the first byte, unsigned
 */
record BusDmaRegion(long cpuStart, long size, long dmaStart) {

    /** The ranges of a sheet, in order; empty when there are none. */
    static List<BusDmaRegion> of(FactSheet sheet) {
        String text = sheet.value(FactName.DMA_RANGES).strip();
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split("\\s+")).map(BusDmaRegion::parse).toList();
    }

    private static BusDmaRegion parse(String range) {
        String[] parts = range.split("[+=]");
        return new BusDmaRegion(number(parts[0]), number(parts[1]), number(parts[2]));
    }

    private static long number(String word) {
        return word.startsWith("0x") ? Long.parseUnsignedLong(word.substring(2), 16) : Long.parseUnsignedLong(word);
    }

    /** Whether a physical address lies within. */
    boolean has(long physical) {
        return Long.compareUnsigned(physical, cpuStart) >= 0 && Long.compareUnsigned(physical - cpuStart, size) < 0;
    }

    /** The first physical address behind it. */
    long cpuEnd() {
        return cpuStart + size;
    }

    /** The device's address of its last byte. */
    long dmaLast() {
        return dmaStart + size - 1;
    }
}
