package dev.postern.dma.backend;

import dev.postern.dma.DmaMappingException;
import dev.postern.dma.bounce.PageAddresses;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for pages whose device addresses follow each other. Where any do, the first ones are taken. Otherwise a run with a break in
 * it is given back, and only what lies behind the break is held, so that the next run ends there: each break is met once. The search
 * is bounded, and holds at most that many breaks meanwhile. It cannot bring pages together, which only a hypercall of the host could
 * ({@code XENMEM_exchange}).
 */
final class ContiguousSearch {

    private static final int MOST_TRIES = 1024;

    private static final long PAGE = FrameAllocator.FRAME_BYTES;

    private final CoherentPages pages;
    private final PageAddresses addresses;
    private final String device;

    ContiguousSearch(CoherentPages pages, PageAddresses addresses, String device) {
        this.pages = pages;
        this.addresses = addresses;
        this.device = device;
    }

    /**
     * Takes zeroed pages.
     *
     * @throws DmaMappingException when there are none, or none that follow each other were found
     */
    PhysRange take(long bytes, long alignment) {
        PhysRange run = pages.take(bytes, alignment);
        long following = followingOf(run, bytes);
        if (following >= bytes) {
            return run;
        }
        List<PhysRange> held = new ArrayList<>();
        try {
            for (int i = 0; i < MOST_TRIES; i++) {
                pages.giveBack(run);
                held.add(pages.take(bytes - following, PAGE));
                run = pages.take(bytes, alignment);
                following = followingOf(run, bytes);
                if (following >= bytes) {
                    return run;
                }
            }
            pages.giveBack(run);
        } catch (DmaMappingException e) {
            // All memory was looked at: the run itself had been given back.
        } finally {
            held.forEach(pages::giveBack);
        }
        throw new DmaMappingException(
                "DMA: %s: no memory for %d bytes was found whose device addresses follow each other: ask for at most %d bytes at a time"
                        .formatted(device, bytes, PAGE));
    }

    private long followingOf(PhysRange run, long bytes) {
        return addresses.following(new PhysRange(run.basePa(), bytes + PAGE - 1 & -PAGE));
    }
}
