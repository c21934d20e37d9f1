package dev.postern.firmware.acpi;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the enhanced configuration space (ECAM) of each PCI segment lies.
 *
 * @param segments in the order of the table
 */
public record Mcfg(List<Segment> segments) {

    static final String SIGNATURE = "MCFG";

    private static final int FIRST_ENTRY = 44;
    private static final int ENTRY_BYTES = 16;
    private static final int BUS_SHIFT = 20;

    /** Keeps its own copy of the list. */
    public Mcfg {
        segments = List.copyOf(segments);
    }

    /**
     * One window; 1 MiB for each bus.
     *
     * @param basePa address that bus 0 would have, whether or not the window begins with it; a multiple of 1 MiB
     * @param segment PCI segment group, 0 to 65535
     * @param startBus first bus that is reached through the window, 0 to 255
     * @param endBus last bus (inclusive), at least {@code startBus}
     */
    public record Segment(long basePa, int segment, int startBus, int endBus) {

        /** Checks the ranges given above. */
        public Segment {
            if (segment < 0 || segment > 0xffff || startBus < 0 || endBus > 0xff || startBus > endBus) {
                throw new IllegalArgumentException(
                        "PCI segment %d, buses %d to %d: buses must ascend within 0 to 255, the segment is at most 65535"
                                .formatted(segment, startBus, endBus));
            }
            if (basePa <= 0
                    || (basePa & ((1L << BUS_SHIFT) - 1)) != 0
                    || basePa > Long.MAX_VALUE - (256L << BUS_SHIFT)) {
                throw new IllegalArgumentException(
                        "PCI segment %d, window base 0x%x: it must be a multiple of 1 MiB, above 0 and below 2^63"
                                .formatted(segment, basePa));
            }
        }

        /** The first address that belongs to the window. */
        public long windowPa() {
            return basePa + ((long) startBus << BUS_SHIFT);
        }

        /** Size of the window in bytes. */
        public long windowBytes() {
            return (endBus - startBus + 1L) << BUS_SHIFT;
        }
    }

    static Mcfg parse(AcpiTable table) {
        int bytes = table.length() - FIRST_ENTRY;
        if (bytes < 0 || bytes % ENTRY_BYTES != 0) {
            throw table.malformed("length %d is not %d bytes and entries of %d bytes"
                    .formatted(table.length(), FIRST_ENTRY, ENTRY_BYTES));
        }
        List<Segment> segments = new ArrayList<>();
        for (int offset = FIRST_ENTRY; offset < table.length(); offset += ENTRY_BYTES) {
            try {
                segments.add(new Segment(
                        table.read64(offset),
                        table.read16(offset + 8),
                        table.read8(offset + 10),
                        table.read8(offset + 11)));
            } catch (IllegalArgumentException wrong) {
                throw table.malformed(wrong.getMessage());
            }
        }
        return new Mcfg(segments);
    }
}
