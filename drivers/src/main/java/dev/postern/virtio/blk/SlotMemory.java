package dev.postern.virtio.blk;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Coherent memory cut into slots of equal size, in pieces of a page: some contexts have nothing longer that is contiguous to the
 * device.
 */
final class SlotMemory implements AutoCloseable {

    private static final int PAGE = 4096;

    private final List<CoherentBuffer> pages = new ArrayList<>();
    private final int slotBytes;
    private final int perPage;

    /**
     * Takes the memory.
     *
     * @param slotBytes a power of two up to a page; slots are aligned to it
     * @throws dev.postern.dma.DmaMappingException when there is no such memory; nothing is kept then
     */
    SlotMemory(DmaContext dma, int slots, int slotBytes) {
        this.slotBytes = slotBytes;
        perPage = PAGE / slotBytes;
        try {
            for (int taken = 0; taken < slots; taken += perPage) {
                pages.add(dma.allocateCoherent((long) Math.min(perPage, slots - taken) * slotBytes, slotBytes));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The bytes of a slot. */
    MemorySegment slot(int index) {
        return pages.get(index / perPage).segment().asSlice((long) (index % perPage) * slotBytes, slotBytes);
    }

    /** The address of a slot as the device sees it. */
    long dva(int index) {
        return pages.get(index / perPage).deviceAddress() + (long) (index % perPage) * slotBytes;
    }

    @Override
    public void close() {
        pages.forEach(CoherentBuffer::close);
        pages.clear();
    }
}
