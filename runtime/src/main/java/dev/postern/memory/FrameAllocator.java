package dev.postern.memory;

import dev.postern.machine.RamRegion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Hands out physically contiguous runs of whole 4096-byte frames.
 *
 * <p>The first MiB is never handed out: on a PC it holds ROM, video memory and what firmware left there. A run never
 * spans two RAM regions, not even adjacent ones, because their bytes live in different segments.
 *
 * <p><b>Ownership:</b> a run belongs to the caller until {@link #free}. It is handed out zeroed; what a freed run holds
 * stays until it is handed out again. <b>Threads:</b> all methods may be called from any thread.
 */
public final class FrameAllocator implements DevicePages {

    /** Size of a frame in bytes. */
    public static final long FRAME_BYTES = 4096;

    private static final PhysRange FIRST_MEBIBYTE = new PhysRange(0, 1 << 20);

    private final PhysicalMemory memory;
    private final Object lock = new Object();
    /** Free runs by first address; runs of one region never touch each other, they would have been merged. */
    private final NavigableMap<Long, Long> freeRuns = new TreeMap<>();
    /** Lengths of the runs that are handed out, by first address. */
    private final Map<Long, Long> taken = new HashMap<>();

    private long freeBytes;

    /**
     * Takes all of RAM but the first MiB and the reserved ranges.
     *
     * @param memory the RAM
     * @param reserved ranges that others hold, such as firmware tables; they may overlap each other and holes, and are
     *     widened to whole frames
     */
    public FrameAllocator(PhysicalMemory memory, List<PhysRange> reserved) {
        this.memory = memory;
        for (RamRegion region : memory.regions()) {
            freeRuns.put(region.basePa(), region.endPa());
        }
        exclude(FIRST_MEBIBYTE);
        reserved.forEach(this::exclude);
        freeRuns.replaceAll((base, end) -> end - base);
        freeBytes = freeRuns.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Cuts a range out of the runs, which at this point still map first address to end. */
    private void exclude(PhysRange range) {
        long from = range.basePa() & -FRAME_BYTES;
        // No region ends above the last whole frame below 2^63, so cutting there loses nothing and cannot overflow.
        long to = roundUp(Math.min(range.endPa(), Long.MAX_VALUE & -FRAME_BYTES), FRAME_BYTES);
        for (Map.Entry<Long, Long> run : List.copyOf(freeRuns.entrySet())) {
            long base = run.getKey();
            long end = run.getValue();
            if (base < to && from < end) {
                freeRuns.remove(base);
                if (base < from) {
                    freeRuns.put(base, from);
                }
                if (to < end) {
                    freeRuns.put(to, end);
                }
            }
        }
    }

    /** The memory that the frames are part of. */
    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    /** The guest-physical address itself: on an ordinary platform a device reaches every frame by it. */
    @Override
    public long deviceAddress(long pa) {
        return pa;
    }

    /** Bytes that are free now, in runs of whatever length. */
    public long freeBytes() {
        synchronized (lock) {
            return freeBytes;
        }
    }

    /**
     * Hands out a zeroed run of frames.
     *
     * @param bytes at least 1; rounded up to whole frames
     * @param request alignment, limit and preference
     * @return the run; its length is a multiple of 4096
     * @throws OutOfFramesException if no free run satisfies the request
     * @throws IllegalArgumentException if {@code bytes} is not positive
     */
    @Override
    public PhysRange allocate(long bytes, FrameRequest request) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(
                    "cannot allocate %d bytes of frames: ask for at least 1".formatted(bytes));
        }
        PhysRange run;
        synchronized (lock) {
            long length = bytes > Long.MAX_VALUE - FRAME_BYTES ? -1 : roundUp(bytes, FRAME_BYTES);
            long pa = length < 0 ? -1 : find(length, request);
            if (pa < 0) {
                throw new OutOfFramesException(refusal(bytes, request));
            }
            take(pa, length);
            run = new PhysRange(pa, length);
        }
        // Nobody else can hold the run any more, so the (slow) zeroing needs no lock.
        memory.slice(run.basePa(), run.length()).fill((byte) 0);
        return run;
    }

    /**
     * Takes a run back.
     *
     * @param run exactly a run that {@link #allocate} returned and that was not freed since
     * @throws IllegalArgumentException if it is not: freed twice, only a part, or never handed out
     */
    @Override
    public void free(PhysRange run) {
        synchronized (lock) {
            Long length = taken.get(run.basePa());
            if (length == null) {
                throw new IllegalArgumentException(
                        "frames %s are not handed out: freed twice, or they came from elsewhere".formatted(run));
            }
            if (length != run.length()) {
                throw new IllegalArgumentException("frames %s were handed out as %s: free the whole run at once"
                        .formatted(run, new PhysRange(run.basePa(), length)));
            }
            taken.remove(run.basePa());
            putBack(run.basePa(), run.length());
        }
    }

    /**
     * Cuts a run in two that are freed apart from each other.
     *
     * @param run exactly a run that {@link #allocate} or this method returned and that was not freed since
     * @param length bytes of the first part, whole frames, less than the run's
     * @return the first part; the second starts where it ends
     * @throws IllegalArgumentException if the run is not handed out, or the length does not cut it
     */
    public PhysRange split(PhysRange run, long length) {
        if (length <= 0 || length >= run.length() || length % FRAME_BYTES != 0) {
            throw new IllegalArgumentException(
                    "%s cannot be cut at 0x%x: give whole frames, less than the run".formatted(run, length));
        }
        synchronized (lock) {
            if (!Long.valueOf(run.length()).equals(taken.get(run.basePa()))) {
                throw new IllegalArgumentException("frames %s are not handed out as one run".formatted(run));
            }
            taken.put(run.basePa(), length);
            taken.put(run.basePa() + length, run.length() - length);
            return new PhysRange(run.basePa(), length);
        }
    }

    /** The first address of a place that satisfies the request, or -1. */
    private long find(long length, FrameRequest request) {
        boolean high = request.placement() == Placement.HIGH;
        for (Map.Entry<Long, Long> run : (high ? freeRuns.descendingMap() : freeRuns).entrySet()) {
            long base = Math.max(run.getKey(), roundUp(request.lowestPa(), FRAME_BYTES));
            long end = run.getKey() + run.getValue();
            long usableEnd = request.highestPa() < end ? request.highestPa() + 1 : end;
            long latest = (usableEnd - length) & -request.alignment();
            long pa = high ? latest : roundUp(base, request.alignment());
            // roundUp may wrap to a negative number for a huge alignment; usableEnd - length may be negative too.
            if (pa >= base && pa <= usableEnd - length) {
                return pa;
            }
        }
        return -1;
    }

    private void take(long pa, long length) {
        Map.Entry<Long, Long> run = freeRuns.floorEntry(pa);
        long base = run.getKey();
        long end = base + run.getValue();
        freeRuns.remove(base);
        if (base < pa) {
            freeRuns.put(base, pa - base);
        }
        if (pa + length < end) {
            freeRuns.put(pa + length, end - pa - length);
        }
        taken.put(pa, length);
        freeBytes -= length;
    }

    private void putBack(long pa, long length) {
        RamRegion region = memory.regionOf(pa, length);
        long base = pa;
        long end = pa + length;
        Map.Entry<Long, Long> before = freeRuns.lowerEntry(pa);
        if (before != null && before.getKey() >= region.basePa() && before.getKey() + before.getValue() == pa) {
            base = before.getKey();
        }
        Long after = end < region.endPa() ? freeRuns.remove(end) : null;
        if (after != null) {
            end += after;
        }
        freeRuns.put(base, end - base);
        freeBytes += length;
    }

    private String refusal(long bytes, FrameRequest request) {
        long largest =
                freeRuns.values().stream().mapToLong(Long::longValue).max().orElse(0);
        String limit = (request.lowestPa() == 0 ? "" : " at or above 0x%x".formatted(request.lowestPa()))
                + (request.highestPa() == Long.MAX_VALUE ? "" : " at or below 0x%x".formatted(request.highestPa()));
        return "no room for %d bytes of frames%s, aligned to 0x%x: %d bytes are free, the largest free run has %d; give the machine more memory"
                .formatted(bytes, limit, request.alignment(), freeBytes, largest);
    }

    private static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }
}
