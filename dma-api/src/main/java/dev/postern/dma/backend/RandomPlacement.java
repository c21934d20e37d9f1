package dev.postern.dma.backend;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.Placement;
import java.util.SplittableRandom;

/**
 * Chooses where the hostile context puts things: anywhere that the device's constraints permit, with a guard frame or
 * more on both sides. The caller holds the lock of the context.
 */
final class RandomPlacement {

    /** Virtio asks for no alignment above 16 bytes inside a buffer, so that much is always preserved. */
    private static final long PRESERVED = 16;

    private static final long FRAME = FrameAllocator.FRAME_BYTES;

    private final SplittableRandom random;
    private final FrameAllocator frames;
    private final DmaConstraints constraints;
    private final AddressLimits limits;
    private final PoisonedFrames quarantine;
    private final String name;

    RandomPlacement(
            SplittableRandom random,
            FrameAllocator frames,
            DmaConstraints constraints,
            AddressLimits limits,
            PoisonedFrames quarantine,
            String name) {
        this.random = random;
        this.frames = frames;
        this.constraints = constraints;
        this.limits = limits;
        this.quarantine = quarantine;
        this.name = name;
    }

    /**
     * A place for the substitute of a buffer. It overlaps the buffer nowhere, not even with its guards.
     *
     * @throws DmaMappingException when there is none
     * @throws DmaMisuseException when the allocator handed out frames of the buffer, so that they are not the caller's
     */
    GuardedRun forBuffer(PhysRange buffer) {
        long grid = Math.max(PRESERVED, constraints.minAlignMask() + 1);
        long length = buffer.length();
        long boundary = constraints.segmentBoundary();
        long pages = roundUp(length + FRAME) + FRAME * random.nextInt(3);
        long total = pages + 2 * FRAME;
        PhysRange run;
        PhysRange window;
        if (boundary == 0) {
            run = takeBeside(buffer, total, FRAME);
            window = new PhysRange(run.basePa() + FRAME, pages);
        } else if (total <= boundary) {
            // A run aligned to at least its size crosses no boundary that is longer.
            run = takeBeside(buffer, total, ceilingPowerOfTwo(total));
            window = new PhysRange(run.basePa() + FRAME, pages);
        } else {
            long unit = Math.max(boundary, FRAME);
            run = takeBeside(buffer, 3 * unit, unit);
            window = new PhysRange(run.basePa() + unit, unit);
        }
        long pa = position(window, length, buffer.basePa() & (grid - 1), grid);
        if (pa < 0) {
            frames.free(run);
            throw new DmaMappingException(
                    "DMA: %s: %d bytes at 0x%x cannot be placed within a boundary of 0x%x bytes with %d address bits preserved: split the transfer or align the buffer"
                            .formatted(name, length, buffer.basePa(), boundary, Long.numberOfTrailingZeros(grid)));
        }
        return new GuardedRun(run, new PhysRange(pa, length));
    }

    /**
     * A place for a coherent buffer: aligned as asked for and, where that leaves a choice, no better.
     *
     * @throws DmaMappingException when there is none
     */
    GuardedRun forCoherent(long length, long alignment) {
        long unit = Math.max(alignment, FRAME);
        if (length > Long.MAX_VALUE / 4 || unit > Long.MAX_VALUE / 4) {
            throw new DmaMappingException("DMA: %s: no coherent buffer of %d bytes aligned to 0x%x: ask for less"
                    .formatted(name, length, alignment));
        }
        long pages = roundUp(length + FRAME);
        PhysRange run = allocate(unit + pages + FRAME, limits.reachableForQueue(anywhere(unit)));
        long places = alignment < FRAME ? (FRAME - alignment) / alignment + 1 : 1;
        long pa = run.basePa() + unit + alignment * random.nextLong(places);
        return new GuardedRun(run, new PhysRange(pa, length));
    }

    /** A random address in the window with the given low bits and within the boundary, or -1. */
    private long position(PhysRange window, long length, long lowBits, long grid) {
        long first = ((window.basePa() - lowBits + grid - 1) & -grid) + lowBits;
        long room = window.endPa() - length - first;
        if (room < 0) {
            return -1;
        }
        long places = room / grid + 1;
        long start = random.nextLong(places);
        for (long i = 0; i < places; i++) {
            long pa = first + grid * ((start + i) % places);
            if (!limits.crosses(pa, length)) {
                return pa;
            }
        }
        return -1;
    }

    private PhysRange takeBeside(PhysRange buffer, long bytes, long alignment) {
        PhysRange run = allocate(bytes, limits.reachable(anywhere(alignment)));
        if (run.overlaps(buffer)) {
            frames.free(run);
            throw new DmaMisuseException(
                    "DMA: %s: the buffer %s lies in frames that nobody holds: allocate it, and free it after unmap"
                            .formatted(name, buffer));
        }
        return run;
    }

    private FrameRequest anywhere(long alignment) {
        Placement placement = random.nextInt(2) == 0 ? Placement.LOW : Placement.HIGH;
        return FrameRequest.ANY.withAlignment(alignment).withPlacement(placement);
    }

    private PhysRange allocate(long bytes, FrameRequest request) {
        try {
            return frames.allocate(bytes, request);
        } catch (OutOfFramesException e) {
            if (!quarantine.isEmpty()) {
                quarantine.releaseAll();
                return allocate(bytes, request);
            }
            throw new DmaMappingException("DMA: %s: %s".formatted(name, e.getMessage()));
        }
    }

    private static long roundUp(long bytes) {
        return (bytes + FRAME - 1) & -FRAME;
    }

    private static long ceilingPowerOfTwo(long value) {
        return Long.highestOneBit(value - 1) << 1;
    }
}
