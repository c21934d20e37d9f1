package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.PageSharing;
import dev.postern.platform.SharingFailedException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A platform that shares pages, destroys their contents on the way, and refuses when it is told to. */
public class FakePageSharing implements PageSharing {

    /** What a device adds to the address of a shared page. */
    public static final long ALIAS = 1L << 46;

    private static final long PAGE = 4096;

    private final PhysicalMemory memory;
    private final Set<Long> shared = new HashSet<>();
    private final Set<Long> undecided = new HashSet<>();
    private final Set<Integer> refused = new HashSet<>();
    private int changes;

    /** Nothing is shared. */
    public FakePageSharing(PhysicalMemory memory) {
        this.memory = memory;
    }

    /** Refuses the n-th change of a page, counted from 1. */
    public void refuse(int change) {
        refused.add(change);
    }

    /** How many changes of a page were asked for. */
    public int changes() {
        return changes;
    }

    /** How many pages are in no known state. */
    public int undecidedPages() {
        return undecided.size();
    }

    /** Whether all pages of a range are shared. */
    public boolean isShared(PhysRange range) {
        for (long pa = range.basePa() & -PAGE; pa < range.endPa(); pa += PAGE) {
            if (!shared.contains(pa)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String mechanism() {
        return "fake";
    }

    @Override
    public long granuleBytes() {
        return PAGE;
    }

    @Override
    public List<PhysRange> shareable() {
        return List.of(new PhysRange(TestRam.HIGH, TestRam.SIZE));
    }

    @Override
    public long sharedAlias(long pa) {
        return pa + ALIAS;
    }

    @Override
    public void share(PhysRange pages) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += PAGE) {
            assertFalse(shared.contains(pa), "shared twice");
            change(pa);
            shared.add(pa);
        }
    }

    @Override
    public void unshare(PhysRange pages) throws SharingFailedException {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += PAGE) {
            assertTrue(shared.contains(pa), "unshared but not shared");
            change(pa);
            shared.remove(pa);
        }
    }

    private void change(long pa) throws SharingFailedException {
        assertFalse(undecided.contains(pa), "a page of unknown state was used again");
        memory.slice(pa, PAGE).fill((byte) 0xcc);
        if (refused.contains(++changes)) {
            undecided.add(pa);
            shared.remove(pa);
            throw new SharingFailedException("refused for a test, page 0x%x".formatted(pa), pa);
        }
    }
}
