package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharedPurpose;
import dev.postern.platform.SharingFailedException;
import java.util.function.UnaryOperator;

/** Pages that are shared for a buffer and made private again after it. */
final class SharedCoherentPages implements CoherentPages {

    private final SharedMemory shared;
    private final UnaryOperator<FrameRequest> reach;
    private final String device;

    /**
     * Takes them from shared memory.
     *
     * @param reach narrows a request to what the device reaches
     * @param device what messages call it
     */
    SharedCoherentPages(SharedMemory shared, UnaryOperator<FrameRequest> reach, String device) {
        this.shared = shared;
        this.reach = reach;
        this.device = device;
    }

    @Override
    public PhysRange take(long bytes, long alignment) {
        FrameRequest request =
                reach.apply(FrameRequest.ANY.withAlignment(Math.max(alignment, FrameAllocator.FRAME_BYTES)));
        try {
            return shared.allocate(bytes, request, SharedPurpose.RINGS);
        } catch (OutOfFramesException | SharingFailedException e) {
            throw new DmaMappingException(
                    "DMA: %s: no coherent buffer of %d bytes: %s".formatted(device, bytes, e.getMessage()));
        }
    }

    @Override
    public void giveBack(PhysRange run) {
        shared.free(run);
    }
}
