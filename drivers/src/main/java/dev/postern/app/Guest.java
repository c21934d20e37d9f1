package dev.postern.app;

import dev.postern.memory.FrameAllocator;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.rng.RngDevice;
import java.util.List;

/**
 * What an application finds on the guest.
 *
 * @param disks in the order of their names, {@code blk0} first
 * @param rngs in the order of their names
 * @param frames for buffers; what is taken is given back
 * @param progress told of long work
 */
public record Guest(List<BlkDevice> disks, List<RngDevice> rngs, FrameAllocator frames, Progress progress) {

    /** Copies the lists. */
    public Guest {
        disks = List.copyOf(disks);
        rngs = List.copyOf(rngs);
    }
}
