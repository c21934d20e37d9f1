package dev.postern.bench;

import dev.postern.dma.DmaDirection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One thing to measure.
 *
 * @param plan which backend
 * @param bytes length of the mapping
 * @param direction who writes
 * @param threads how many map at the same time
 * @param fill how full the pool is
 */
record DmaCase(MappingPlan plan, int bytes, DmaDirection direction, int threads, PoolFill fill) {

    private static final int[] SIZES = {64, 512, 2048, 4096, 65536, 1 << 20};
    private static final int[] SIZES_FOR_TWO = {64, 4096, 65536, 1 << 20};

    /** Everything: both plans, 64 bytes to 1 MiB, one thread and two, an empty pool and one that is nearly full. */
    static List<DmaCase> all() {
        List<DmaCase> cases = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            cases.add(new DmaCase(MappingPlan.DIRECT, 4096, DmaDirection.TO_DEVICE, threads, PoolFill.EMPTY));
            for (int bytes : threads == 1 ? SIZES : SIZES_FOR_TWO) {
                cases.add(new DmaCase(MappingPlan.BOUNCED, bytes, DmaDirection.TO_DEVICE, threads, PoolFill.EMPTY));
                cases.add(new DmaCase(MappingPlan.BOUNCED, bytes, DmaDirection.FROM_DEVICE, threads, PoolFill.EMPTY));
                cases.add(
                        new DmaCase(MappingPlan.BOUNCED, bytes, DmaDirection.TO_DEVICE, threads, PoolFill.NEARLY_FULL));
            }
        }
        return cases;
    }

    /** The ones that tell most: one thread, small and page-sized. */
    static List<DmaCase> quick() {
        return all().stream()
                .filter(each -> each.threads() == 1 && (each.bytes() == 64 || each.bytes() == 4096))
                .toList();
    }

    /** The same as parameters of {@link DmaBench}. */
    Map<String, String> parameters() {
        return Map.of(
                "plan", plan.name(),
                "bytes", Integer.toString(bytes),
                "direction", direction.name(),
                "fill", fill.name(),
                "threads", Integer.toString(threads));
    }
}
