package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.bounce.PageAddresses;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.util.HashSet;
import java.util.Set;

/** The coherent buffers of one context, whatever it is: where their pages come from, how the device addresses them, and who has them. */
final class CoherentBuffers {

    private final PhysicalMemory memory;
    private final CoherentPages pages;
    private final PageAddresses addresses;
    private final Coherency coherency;
    private final AddressLimits limits;
    private final ContiguousSearch search;
    private final Set<PagesCoherentBuffer> open = new HashSet<>();
    private boolean closed;

    CoherentBuffers(
            PhysicalMemory memory,
            CoherentPages pages,
            PageAddresses addresses,
            Coherency coherency,
            AddressLimits limits) {
        this.memory = memory;
        this.pages = pages;
        this.addresses = addresses;
        this.coherency = coherency;
        this.limits = limits;
        search = new ContiguousSearch(pages, addresses, limits.device());
    }

    /** As {@link dev.postern.dma.DmaContext#allocateCoherent}. */
    synchronized CoherentBuffer allocate(long length, long alignment) {
        CoherentRequest.check(length, alignment, limits.device());
        if (closed) {
            throw misuse("allocate a coherent buffer after the context was closed");
        }
        PhysRange run = search.take(length, alignment);
        long dva;
        try {
            dva = addresses.open(run);
        } catch (DmaMappingException e) {
            pages.giveBack(run);
            throw e;
        }
        if (!limits.expressibleForQueue(dva, length) || (dva & alignment - 1) != 0) {
            giveBack(run, dva);
            throw new DmaMappingException(
                    "DMA: %s: memory at device address 0x%x is beyond %d address bits, or not aligned to 0x%x: ask for less alignment, or correct mask or offset"
                            .formatted(limits.device(), dva, limits.queueBits(), alignment));
        }
        coherency.beginSharedUse(run);
        PagesCoherentBuffer buffer = new PagesCoherentBuffer(this, run, memory.slice(run.basePa(), length), dva);
        open.add(buffer);
        return buffer;
    }

    /** Takes a buffer back. Pages that the other side keeps are never used again. */
    synchronized void release(PagesCoherentBuffer buffer) {
        if (!open.remove(buffer)) {
            throw misuse("coherent buffer at device address 0x%x was closed before".formatted(buffer.deviceAddress()));
        }
        coherency.endSharedUse(buffer.run());
        giveBack(buffer.run(), buffer.deviceAddress());
    }

    /** Ends it; returns how many buffers are left. Nobody gets their pages, because the device may still use them. */
    synchronized int close() {
        closed = true;
        return open.size();
    }

    private void giveBack(PhysRange run, long dva) {
        if (addresses.close(run, dva)) {
            pages.giveBack(run);
        }
    }

    private DmaMisuseException misuse(String what) {
        return new DmaMisuseException("DMA: %s: %s".formatted(limits.device(), what));
    }
}
