package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharedPurpose;
import dev.postern.platform.SharingFailedException;

/** Pages that are shared for a buffer and made private again after it. */
final class SharedCoherentPages implements CoherentPages {

    private final SharedMemory shared;
    private final AddressLimits limits;
    private final String device;

    SharedCoherentPages(SharedMemory shared, AddressLimits limits, String device) {
        this.shared = shared;
        this.limits = limits;
        this.device = device;
    }

    @Override
    public PhysRange take(long bytes, long alignment) {
        FrameRequest request = FrameRequest.ANY.withAlignment(Math.max(alignment, FrameAllocator.FRAME_BYTES));
        // Where shared memory has an alias elsewhere, a limit on device addresses says nothing about frames.
        boolean aliased = shared.sharing().sharedAlias(0) != 0;
        try {
            return shared.allocate(bytes, aliased ? request : limits.reachable(request), SharedPurpose.RINGS);
        } catch (OutOfFramesException | SharingFailedException e) {
            throw new DmaMappingException(
                    "DMA: %s: no coherent buffer of %d bytes: %s".formatted(device, bytes, e.getMessage()));
        }
    }

    @Override
    public void giveBack(PhysRange run) {
        shared.free(run);
    }

    @Override
    public long sharedAlias(long pa) {
        return shared.sharing().sharedAlias(pa);
    }
}
