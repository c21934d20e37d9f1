package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import java.util.function.UnaryOperator;

/** Frames of ordinary RAM. */
final class FrameCoherentPages implements CoherentPages {

    private final FrameAllocator frames;
    private final UnaryOperator<FrameRequest> reach;
    private final String device;

    /**
     * Takes them from an allocator.
     *
     * @param reach narrows a request to what the device reaches
     * @param device what messages call it
     */
    FrameCoherentPages(FrameAllocator frames, UnaryOperator<FrameRequest> reach, String device) {
        this.frames = frames;
        this.reach = reach;
        this.device = device;
    }

    @Override
    public PhysRange take(long bytes, long alignment) {
        FrameRequest request =
                reach.apply(FrameRequest.ANY.withAlignment(Math.max(alignment, FrameAllocator.FRAME_BYTES)));
        try {
            return frames.allocate(bytes, request);
        } catch (OutOfFramesException e) {
            throw new DmaMappingException(
                    "DMA: %s: no coherent buffer of %d bytes: %s".formatted(device, bytes, e.getMessage()));
        }
    }

    @Override
    public void giveBack(PhysRange run) {
        frames.free(run);
    }
}
