package dev.postern.quirks.decision;

import dev.postern.dma.PaWindow;
import dev.postern.quirks.Domain;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.ArrayList;
import java.util.List;

/**
 * How RAM looks in the addresses of a device that nothing translates for, with all numbers reduced to a class.
 *
 * <p>Without ACCESS_PLATFORM the device takes guest-physical addresses and only its own mask counts (content:957). With it the
 * platform's offset, {@code dma-ranges} and bus limit count too.
 *
 * @param fit the class
 * @param offset added to guest-physical addresses, modulo 2^64
 * @param reach the guest-physical addresses that the device can express at that offset
 */
record DmaWindow(Fit fit, long offset, PaWindow reach) {

    /** How much of RAM the device can address. */
    enum Fit {
        /** All of it, at its own address. */
        FITS,
        /** All of it, at an offset. */
        OFFSET,
        /** A part of it. */
        TOO_NARROW,
        /** None of it. */
        INEXPRESSIBLE
    }

    /** A range of guest-physical addresses and where the device sees it. Numbers are unsigned; the size is not 0. */
    private record Range(long pa, long size, long busAddress) {

        long last() {
            return pa + size - 1;
        }

        /** The part that lies in RAM and below the device's limit; null when there is none. */
        Range clipped(long ramFirst, long ramLast, long limit) {
            long first = Long.compareUnsigned(pa, ramFirst) < 0 ? ramFirst : pa;
            long last = Long.compareUnsigned(last(), ramLast) > 0 ? ramLast : last();
            long busFirst = busAddress + (first - pa);
            if (Long.compareUnsigned(first, last) > 0 || Long.compareUnsigned(busFirst, limit) > 0) {
                return null;
            }
            long room = limit - busFirst;
            long most = Long.compareUnsigned(last - first, room) > 0 ? first + room : last;
            return new Range(first, most - first + 1, busFirst);
        }
    }

    /** Classes the numbers of a device that offers what it offers. */
    static DmaWindow of(DeviceFacts device, FactSheet facts) {
        boolean platformCounts = device.offers(ReservedFeature.ACCESS_PLATFORM);
        long limit = mask(device.addressBits().value());
        List<Range> ranges;
        long ramFirst = facts.number(FactName.RAM_BASE);
        long ramLast = mask(facts.number(FactName.RAM_BITS));
        if (platformCounts) {
            long bus = mask(facts.number(FactName.BUS_BITS));
            limit = Long.compareUnsigned(bus, limit) < 0 ? bus : limit;
            ranges = rangesOf(facts, ramFirst, ramLast);
        } else {
            ranges = List.of(new Range(ramFirst, ramLast - ramFirst + 1, ramFirst));
        }
        return classed(ranges, ramFirst, ramLast, limit);
    }

    private static DmaWindow classed(List<Range> ranges, long ramFirst, long ramLast, long limit) {
        Range largest = null;
        long next = ramFirst;
        boolean gap = false;
        boolean oneOffset = true;
        for (Range range : ranges) {
            Range part = range.clipped(ramFirst, ramLast, limit);
            if (part == null) {
                continue;
            }
            gap |= part.pa() != next;
            next = part.last() + 1;
            if (largest != null) {
                oneOffset &= part.busAddress() - part.pa() == largest.busAddress() - largest.pa();
            }
            if (largest == null || Long.compareUnsigned(part.size() - 1, largest.size() - 1) > 0) {
                largest = part;
            }
        }
        if (largest == null) {
            return new DmaWindow(Fit.INEXPRESSIBLE, 0, PaWindow.ALL);
        }
        long offset = largest.busAddress() - largest.pa();
        if (gap || !oneOffset || next != ramLast + 1) {
            // Memory outside the largest range is reached through a pool inside it.
            return new DmaWindow(Fit.TOO_NARROW, offset, new PaWindow(largest.pa(), largest.last()));
        }
        return new DmaWindow(offset == 0 ? Fit.FITS : Fit.OFFSET, offset, PaWindow.ALL);
    }

    /** The ranges of the device tree in ascending order; else one for all of RAM, at the platform's offset. */
    private static List<Range> rangesOf(FactSheet facts, long ramFirst, long ramLast) {
        String text = facts.value(FactName.DMA_RANGES).strip();
        if (text.isEmpty()) {
            long offset = facts.number(FactName.OFFSET);
            return List.of(new Range(ramFirst, ramLast - ramFirst + 1, ramFirst + offset));
        }
        List<Range> ranges = new ArrayList<>();
        for (String range : text.split("\\s+")) {
            String[] parts = range.split("[+=]");
            if (parts.length != 3) {
                throw new IllegalArgumentException(
                        "dma-ranges has \"%s\": give ranges as cpu+size=bus, such as 0x40000000+0x40000000=0x0"
                                .formatted(range));
            }
            ranges.add(new Range(number(parts[0], range), number(parts[1], range), number(parts[2], range)));
        }
        ranges.sort((a, b) -> Long.compareUnsigned(a.pa(), b.pa()));
        return ranges;
    }

    private static long number(String digits, String range) {
        try {
            return Domain.Number.parse(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "dma-ranges has \"%s\", where %s is no number: give decimal or 0x digits".formatted(range, digits),
                    e);
        }
    }

    private static long mask(long bits) {
        return bits == 64 ? -1L : (1L << bits) - 1;
    }

    /** The facts that were read. */
    static String evidence(DeviceFacts device, FactSheet facts) {
        String own = "address bits " + device.addressBits() + "; " + facts.describe(FactName.RAM_BASE) + "; "
                + facts.describe(FactName.RAM_BITS);
        return device.offers(ReservedFeature.ACCESS_PLATFORM)
                ? own + "; " + facts.describe(FactName.OFFSET) + "; " + facts.describe(FactName.DMA_RANGES) + "; "
                        + facts.describe(FactName.BUS_BITS)
                : own;
    }
}
