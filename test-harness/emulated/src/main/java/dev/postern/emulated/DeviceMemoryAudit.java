package dev.postern.emulated;

import dev.postern.emulated.dma.ByteSearch;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.ReadScanner;
import dev.postern.emulated.dma.WriteLog;
import dev.postern.machine.RamRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * Evidence of what devices did: what they really read by DMA, what they could read now, and where they wrote. Nothing is stored of what they
 * read; each read is searched for the byte strings that are watched.
 *
 * <p>A needle is found when it lies in one read, or spans consecutive reads of one function, as when a request is made of
 * several descriptors. An audit that finds nothing proves nothing by itself: run it once with a guest that leaks.
 *
 * <p>Not safe for use by several threads; use it on the guest's thread. {@link #findInSharedPages} does not work after the
 * machine was closed, all else does.
 */
public final class DeviceMemoryAudit {

    private final ReadScanner scanner;
    private final WriteLog writes;
    private final DeviceReadable readable;

    DeviceMemoryAudit(ReadScanner scanner, WriteLog writes, DeviceReadable readable) {
        this.scanner = scanner;
        this.writes = writes;
        this.readable = readable;
    }

    /**
     * Searches every read from now on for a needle.
     *
     * @param needle at least 1 byte; 16 or more are best, so that it cannot occur by chance
     * @throws IllegalArgumentException when it is empty
     */
    public void watch(byte[] needle) {
        scanner.watch(needle);
    }

    /**
     * Where devices read a needle since it was watched, oldest first, at most 1000.
     *
     * @throws IllegalArgumentException when it is not watched
     */
    public List<ReadSighting> findInDeviceReads(byte[] needle) {
        return scanner.sightings(needle);
    }

    /** Forgets where devices wrote: {@link #writtenSinceMark} begins here. */
    public void mark() {
        writes.mark();
    }

    /**
     * Where in RAM devices stored since the last {@link #mark}, or since the machine was built: ascending, to the byte, joined where they
     * touch, messages for interrupts included. A store that the platform refused is not here; one that it let through is, at the
     * guest-physical address that was meant, even if the CPU does not see it.
     */
    public List<SharedPages.Range> writtenSinceMark() {
        return writes.ranges();
    }

    /**
     * Where a needle lies in the pages that the device side can read now, ascending: guest-physical addresses of its first
     * byte. On a plain machine all RAM is searched.
     *
     * @param needle at least 1 byte
     */
    public List<Long> findInSharedPages(byte[] needle) {
        List<Long> found = new ArrayList<>();
        for (RamRegion region : readable.regions()) {
            for (long at = ByteSearch.find(region.segment(), needle, 0);
                    at >= 0;
                    at = ByteSearch.find(region.segment(), needle, at + 1)) {
                found.add(region.basePa() + at);
            }
        }
        return found;
    }
}
