package dev.postern.dma.bounce;

import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharedPurpose;
import dev.postern.platform.SharingFailedException;

/** Memory that the platform shares when it is asked to. */
final class PlatformPoolMemory implements PoolMemory {

    private final SharedMemory shared;
    private final FrameRequest request;

    PlatformPoolMemory(SharedMemory shared, FrameRequest request) {
        this.shared = shared;
        this.request = request;
    }

    @Override
    public PhysicalMemory ram() {
        return shared.frames().memory();
    }

    @Override
    public long granuleBytes() {
        return shared.sharing().granuleBytes();
    }

    @Override
    public long mostBytes() {
        return shared.sharing().shareable().stream()
                .mapToLong(PhysRange::length)
                .sum();
    }

    @Override
    public long sharedAlias(long pa) {
        return shared.sharing().sharedAlias(pa);
    }

    @Override
    public PhysRange take(long bytes, long alignment) throws SharingFailedException {
        return shared.allocate(
                bytes, request.withAlignment(Math.max(alignment, request.alignment())), SharedPurpose.POOL);
    }

    @Override
    public void giveBack(PhysRange piece) {
        shared.free(piece);
    }
}
