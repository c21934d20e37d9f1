package dev.postern.bench;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.PoolFullException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a mapping costs: map and unmap, against the bare work, which is the same copy and the same zeroing between the same regions
 * without any book-keeping. The device's own accesses, syncs, and the sharing of pages are left out.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DmaBench {

    /** Room for the largest mapping at any thread's place. */
    private static final long PLACE = 1 << 20;

    /** What all threads share. */
    @State(Scope.Benchmark)
    public static class Ground {

        /** Which backend. */
        @Param("BOUNCED")
        public MappingPlan plan;

        /** Length of the mapping. */
        @Param("4096")
        public int bytes;

        /** Who writes. */
        @Param("TO_DEVICE")
        public DmaDirection direction;

        /** How full the pool is. */
        @Param("EMPTY")
        public PoolFill fill;

        /** How many threads will map. */
        @Param("1")
        public int threads;

        private final AtomicInteger lanes = new AtomicInteger();
        private BenchRam ram;
        private DmaContext context;
        private MemorySegment privateBytes;
        private MemorySegment sharedBytes;

        /** Made by the harness. */
        public Ground() {}

        /** Makes RAM and pool, and fills the pool as far as is asked for. */
        @Setup
        public void open() {
            ram = new BenchRam();
            privateBytes = ram.privateBytes();
            sharedBytes = ram.sharedBytes();
            context = ram.open(plan);
            checkThatItMaps();
            if (plan == MappingPlan.BOUNCED && fill == PoolFill.NEARLY_FULL) {
                fillUp();
            }
        }

        /** A benchmark of nothing would be fast: the bytes must arrive, and be counted where they are copied. */
        private void checkThatItMaps() {
            privateBytes.asSlice(0, bytes).fill((byte) 7);
            long token = context.map(BenchRam.PRIVATE_PA, bytes, DmaDirection.TO_DEVICE);
            boolean moved = context.deviceAddress(token) != BenchRam.PRIVATE_PA;
            context.unmap(token, bytes, DmaDirection.TO_DEVICE, 0);
            long bounced = ram.pool().statistics().bytesBounced();
            boolean bounces = plan == MappingPlan.BOUNCED;
            if (moved != bounces || bounced != (bounces ? bytes : 0)) {
                throw new IllegalStateException(
                        "plan %s bounced %d of %d bytes: this measures something else".formatted(plan, bounced, bytes));
            }
        }

        private void fillUp() {
            List<Long> tokens = new ArrayList<>();
            try {
                while (true) {
                    tokens.add(context.map(BenchRam.PRIVATE_PA, bytes, direction));
                }
            } catch (PoolFullException e) {
                for (int thread = 0; thread < threads; thread++) {
                    context.unmap(tokens.removeLast(), bytes, direction, 0);
                }
            }
        }

        /** Checks that the pool was used as was asked for. */
        @TearDown
        public void check() {
            long full = ram.pool().statistics().fullEvents();
            boolean filled = plan == MappingPlan.BOUNCED && fill == PoolFill.NEARLY_FULL;
            if (full != (filled ? 1 : 0)) {
                throw new IllegalStateException("the pool was full %d times".formatted(full));
            }
        }
    }

    /** What each thread has for itself. */
    @State(Scope.Thread)
    public static class Lane {

        private long pa;
        private long place;

        /** Made by the harness. */
        public Lane() {}

        /** Takes a place. */
        @Setup
        public void open(Ground ground) {
            place = ground.lanes.getAndIncrement() % 8 * PLACE;
            pa = BenchRam.PRIVATE_PA + place;
        }
    }

    /** Made by the harness. */
    public DmaBench() {}

    /** Map and unmap. */
    @Benchmark
    public long mapped(Ground ground, Lane lane) {
        DmaDirection direction = ground.direction;
        long token = ground.context.map(lane.pa, ground.bytes, direction);
        ground.context.unmap(token, ground.bytes, direction, direction.deviceWrites() ? ground.bytes : 0);
        return token;
    }

    /** What must be done anyway. */
    @Benchmark
    public long bare(Ground ground, Lane lane) {
        if (ground.plan == MappingPlan.BOUNCED) {
            if (ground.direction == DmaDirection.FROM_DEVICE) {
                ground.sharedBytes.asSlice(lane.place, ground.bytes).fill((byte) 0);
                MemorySegment.copy(ground.sharedBytes, lane.place, ground.privateBytes, lane.place, ground.bytes);
            } else {
                MemorySegment.copy(ground.privateBytes, lane.place, ground.sharedBytes, lane.place, ground.bytes);
            }
        }
        return lane.pa;
    }
}
