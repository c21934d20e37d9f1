package dev.postern.bus.pci;

import java.util.ArrayList;
import java.util.List;

/**
 * Asks a function how large its BARs are, by writing ones and looking which stay. Decoding must be off meanwhile, for
 * the BARs then claim addresses of others. All BARs end as 0.
 */
final class BarSizing {

    /** Larger than any window: a BAR beyond it is refused here, so that sums cannot overflow. */
    private static final long LARGEST = 1L << 46;

    private static final int IO = 1;
    private static final int TYPE_MASK = 6;
    private static final int TYPE_32 = 0;
    private static final int TYPE_64 = 4;
    private static final int PREFETCHABLE = 8;

    private final PciFunction function;
    private final int registers;
    private final List<BarRequest> requests = new ArrayList<>();
    private final List<IoBar> ioBars = new ArrayList<>();

    /** {@code registers} is 6 for an endpoint, 2 for a bridge. */
    BarSizing(PciFunction function, int registers) {
        this.function = function;
        this.registers = registers;
    }

    List<BarRequest> requests() {
        return requests;
    }

    List<IoBar> ioBars() {
        return ioBars;
    }

    void run() {
        int index = 0;
        while (index < registers) {
            index += size(index);
        }
    }

    /** Sizes one BAR and returns how many registers it takes. */
    private int size(int index) {
        int low = probe(index);
        if (low == 0) {
            return 1;
        }
        if ((low & IO) != 0) {
            // A BAR of 16-bit ports may leave the upper half at 0.
            long mask = low & 0xfffcL;
            if (mask != 0) {
                ioBars.add(new IoBar(index, mask & -mask));
            }
            return 1;
        }
        return switch (low & TYPE_MASK) {
            case TYPE_32 -> {
                memory(
                        index,
                        (low & 0xffff_fff0L) | 0xffff_ffff_0000_0000L,
                        (low & PREFETCHABLE) == 0 ? BarKind.MEMORY_32 : BarKind.MEMORY_32_PREFETCHABLE);
                yield 1;
            }
            case TYPE_64 -> {
                if (index + 1 == registers) {
                    function.fail(
                            "BAR %d says it is 64-bit, but it is the last and has no upper half".formatted(index));
                    yield 1;
                }
                long high = Integer.toUnsignedLong(probe(index + 1));
                memory(
                        index,
                        high << 32 | (low & 0xffff_fff0L),
                        (low & PREFETCHABLE) == 0 ? BarKind.MEMORY_64 : BarKind.MEMORY_64_PREFETCHABLE);
                yield 2;
            }
            default -> {
                function.fail("BAR %d has type %d, which is reserved or only for addresses below 1 MiB"
                        .formatted(index, (low & TYPE_MASK) >> 1));
                yield 1;
            }
        };
    }

    /** Takes a BAR if the bits that stayed are a run of ones from bit 63 down to the size. */
    private void memory(int index, long mask, BarKind kind) {
        long size = mask & -mask;
        if (mask == 0 || mask != -size || !kind.wide() && size > 0x8000_0000L) {
            function.fail("BAR %d (%s) answers 0x%x to sizing, which is no power of two".formatted(index, kind, mask));
        } else if (Long.compareUnsigned(size, LARGEST) > 0) {
            function.fail("BAR %d (%s) asks for 0x%x bytes, more than any window has".formatted(index, kind, size));
        } else {
            requests.add(new BarRequest(index, size, kind));
        }
    }

    private int probe(int index) {
        int offset = ConfigRegister.FIRST_BAR + 4 * index;
        function.write32(offset, -1);
        int answer = function.read32(offset);
        function.write32(offset, 0);
        return answer;
    }
}
