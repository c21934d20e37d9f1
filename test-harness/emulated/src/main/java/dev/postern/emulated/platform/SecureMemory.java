package dev.postern.emulated.platform;

import dev.postern.emulated.SharedPages;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The RAM of a secure guest, page by page, as three parties have it: the host assigned it private or shared, the guest
 * validated (accepted) it or not, and the guest's page tables reach for it as private or shared. At power-on every page is
 * private in all three ways, as firmware leaves them.
 *
 * <p>A page has a private and a shared backing, two different memories. The CPU sees the private one when all three say
 * private, the shared one when host and page tables say shared, and otherwise nothing: real hardware would fault at the
 * access, which cannot be intercepted here, so the segment shows noise, and a store to it is lost and noted at the page's
 * next change. A backing that comes into being holds noise, never what the other held and never zeros, even where a
 * platform promises zeros: nothing may rely on it. A backing that merely goes out of sight keeps its content.
 */
final class SecureMemory implements DeviceReadable, AutoCloseable {

    private static final int HOST_SHARED = 1;
    private static final int UNVALIDATED = 2;
    private static final int MAPPED_SHARED = 4;

    /** What the CPU sees of a page. */
    private enum Sight {
        PRIVATE,
        SHARED,
        NOTHING
    }

    private final List<RamRegion> ram;
    private final long pageBytes;
    private final long seed;
    private final PlatformErrors errors;
    private final byte[] states;
    private final SidePages sidePages;
    private final Map<Integer, MemorySegment> unseenPrivate = new HashMap<>();
    private final Map<Integer, MemorySegment> unseenShared = new HashMap<>();
    private final Map<Integer, Long> nothingSeeds = new HashMap<>();
    private final int[] epochs;

    /** All of {@code memory}, private. Each region must be whole pages of {@code pageBytes}. */
    SecureMemory(GuestMemory memory, long pageBytes, long seed, PlatformErrors errors) {
        this.ram = memory.regions();
        this.pageBytes = pageBytes;
        this.seed = Noise.mix(seed);
        this.errors = errors;
        this.sidePages = new SidePages(pageBytes);
        long bytes = ram.stream().mapToLong(RamRegion::size).sum();
        this.states = new byte[Math.toIntExact(bytes / pageBytes)];
        this.epochs = new int[states.length];
    }

    // ---- numbering

    /** The size of a page in bytes. */
    long pageBytes() {
        return pageBytes;
    }

    /** The number of the page that holds an address, or -1 when it is not RAM. */
    int page(long pa) {
        int first = 0;
        for (int i = 0; i < ram.size(); i++) {
            RamRegion region = ram.get(i);
            if (region.contains(pa, 1)) {
                return first + (int) ((pa - region.basePa()) / pageBytes);
            }
            first += (int) (region.size() / pageBytes);
        }
        return -1;
    }

    /** How many pages there are; they are numbered from 0, ascending. */
    int count() {
        return states.length;
    }

    /** The address of a page. */
    long pa(int page) {
        RamRegion region = region(page);
        return region.basePa() + (page - first(region)) * pageBytes;
    }

    private RamRegion region(int page) {
        long left = page * pageBytes;
        for (RamRegion region : ram) {
            if (left < region.size()) {
                return region;
            }
            left -= region.size();
        }
        throw new IndexOutOfBoundsException(page);
    }

    private int first(RamRegion region) {
        return page(region.basePa());
    }

    /** What the CPU sees of a page, in place. */
    MemorySegment segment(int page) {
        RamRegion region = region(page);
        return region.segment().asSlice((page - first(region)) * pageBytes, pageBytes);
    }

    /** Whether a range, which does not wrap, is RAM to the last byte. */
    boolean isRam(long basePa, long length) {
        return ram.stream().anyMatch(region -> region.contains(basePa, length));
    }

    /** Every page of RAM that a range touches, ascending; what is not RAM is passed over. */
    IntStream pages(long basePa, long length) {
        return ram.stream().flatMapToInt(region -> {
            long from = Math.max(basePa, region.basePa());
            long to = Math.min(basePa + length, region.endPa());
            return from < to ? IntStream.rangeClosed(page(from), page(to - 1)) : IntStream.empty();
        });
    }

    // ---- what the parties say

    boolean sharedByHost(int page) {
        return (states[page] & HOST_SHARED) != 0;
    }

    boolean validated(int page) {
        return (states[page] & UNVALIDATED) == 0;
    }

    boolean mappedShared(int page) {
        return (states[page] & MAPPED_SHARED) != 0;
    }

    /** Whether the CPU and devices have the same bytes. */
    boolean cpuSeesShared(int page) {
        return sight(states[page]) == Sight.SHARED;
    }

    private static Sight sight(int state) {
        return switch (state) {
            case 0 -> Sight.PRIVATE;
            case HOST_SHARED | MAPPED_SHARED, HOST_SHARED | MAPPED_SHARED | UNVALIDATED -> Sight.SHARED;
            default -> Sight.NOTHING;
        };
    }

    // ---- changes

    /** The host assigns the page as shared: the private backing, validated or not, is gone. */
    void assignShared(int page) {
        if (!sharedByHost(page)) {
            epochs[page]++;
            change(page, states[page] | HOST_SHARED | UNVALIDATED);
            sidePages.give(unseenPrivate.remove(page));
        }
    }

    /** The host assigns the page as private, not yet validated: the shared backing is gone. */
    void assignPrivate(int page) {
        if (sharedByHost(page)) {
            epochs[page]++;
            change(page, states[page] & ~HOST_SHARED | UNVALIDATED);
            sidePages.give(unseenShared.remove(page));
        }
    }

    /** The guest validates, or accepts, a page that the host has assigned as private. */
    void validate(int page) {
        change(page, states[page] & ~UNVALIDATED);
    }

    /** The guest takes its validation back. */
    void rescind(int page) {
        epochs[page]++;
        change(page, states[page] | UNVALIDATED);
        sidePages.give(unseenPrivate.remove(page));
    }

    /** The guest's page tables reach for the shared backing from now on. */
    void mapShared(int page) {
        change(page, states[page] | MAPPED_SHARED);
    }

    /** The guest's page tables reach for the private backing from now on. */
    void mapPrivate(int page) {
        change(page, states[page] & ~MAPPED_SHARED);
    }

    /** Firmware shares the page in one act, page tables included; a page that is shared already gets new content. */
    void share(int page) {
        convert(page, HOST_SHARED | MAPPED_SHARED);
    }

    /** Firmware takes the page back in one act; a page that is private already gets new content. */
    void unshare(int page) {
        convert(page, 0);
    }

    /**
     * The page is shared without a change of memory: it has one backing, and what that holds stays. For platforms that keep
     * no second memory behind a page; the caller changes the bytes where a key comes or goes.
     */
    void shareInPlace(int page) {
        states[page] = HOST_SHARED | MAPPED_SHARED;
    }

    /** Takes back a page that was shared in place; what it holds stays. */
    void unshareInPlace(int page) {
        states[page] = 0;
    }

    private void convert(int page, int state) {
        states[page] = (byte) state;
        epochs[page]++;
        Noise.fill(segment(page), noise(page, sight(state)));
    }

    private void change(int page, int next) {
        Sight was = sight(states[page]);
        Sight is = sight(next);
        states[page] = (byte) next;
        if (was == is) {
            return;
        }
        MemorySegment seen = segment(page);
        switch (was) {
            case PRIVATE -> unseenPrivate.put(page, copy(seen));
            case SHARED -> unseenShared.put(page, copy(seen));
            case NOTHING -> {
                if (!Noise.isUntouched(seen, nothingSeeds.remove(page))) {
                    errors.note(
                            "unmatched-mapping",
                            "the CPU stored to page 0x%x while its mapping did not match the page's state"
                                    .formatted(pa(page)));
                }
            }
        }
        switch (is) {
            case PRIVATE -> show(unseenPrivate.remove(page), seen, noise(page, is));
            case SHARED -> show(unseenShared.remove(page), seen, noise(page, is));
            case NOTHING -> {
                long noise = noise(page, is);
                Noise.fill(seen, noise);
                nothingSeeds.put(page, noise);
            }
        }
    }

    private MemorySegment copy(MemorySegment page) {
        return sidePages.take().copyFrom(page);
    }

    private void show(MemorySegment backing, MemorySegment seen, long noise) {
        if (backing == null) {
            Noise.fill(seen, noise);
        } else {
            seen.copyFrom(backing);
            sidePages.give(backing);
        }
    }

    /** Follows from the page's history alone, so that a backing may be made when it is first looked at. */
    private long noise(int page, Sight of) {
        return Noise.mix(seed + Noise.mix((long) page << 34 | (long) epochs[page] << 2 | of.ordinal()));
    }

    // ---- what devices see

    /** The shared backing of a page that the host has assigned as shared, in place. */
    MemorySegment sharedBacking(int page) {
        if (cpuSeesShared(page)) {
            return segment(page);
        }
        return unseenShared.computeIfAbsent(page, _ -> fresh(noise(page, Sight.SHARED)));
    }

    /** The private backing of a page that the host has assigned as private, in place. */
    MemorySegment privateBacking(int page) {
        if (sight(states[page]) == Sight.PRIVATE) {
            return segment(page);
        }
        return unseenPrivate.computeIfAbsent(page, _ -> fresh(noise(page, Sight.PRIVATE)));
    }

    private MemorySegment fresh(long noise) {
        MemorySegment page = sidePages.take();
        Noise.fill(page, noise);
        return page;
    }

    /** A page of scratch memory with any content, until {@link #recycle} or for the life of the machine. */
    MemorySegment scratchPage() {
        return sidePages.take();
    }

    /** Takes a scratch page back; null is allowed. */
    void recycle(MemorySegment scratchPage) {
        sidePages.give(scratchPage);
    }

    @Override
    public SharedPages sharedPages() {
        List<SharedPages.Range> ranges = sharedRanges();
        long bytes = ranges.stream().mapToLong(SharedPages.Range::length).sum();
        return new SharedPages(bytes / pageBytes, pageBytes, ranges);
    }

    @Override
    public List<RamRegion> regions() {
        List<RamRegion> readable = new ArrayList<>();
        for (SharedPages.Range range : sharedRanges()) {
            int page = page(range.basePa());
            int end = page + (int) (range.length() / pageBytes);
            while (page < end) {
                int from = page;
                while (page < end && cpuSeesShared(page)) {
                    page++;
                }
                if (page > from) {
                    RamRegion region = region(from);
                    MemorySegment bytes =
                            region.segment().asSlice(pa(from) - region.basePa(), (page - from) * pageBytes);
                    readable.add(new RamRegion(pa(from), bytes));
                } else {
                    readable.add(new RamRegion(pa(page), sharedBacking(page)));
                    page++;
                }
            }
        }
        return readable;
    }

    private List<SharedPages.Range> sharedRanges() {
        List<SharedPages.Range> ranges = new ArrayList<>();
        int first = 0;
        for (RamRegion region : ram) {
            int end = first + (int) (region.size() / pageBytes);
            int page = first;
            while (page < end) {
                int from = page;
                while (page < end && sharedByHost(page)) {
                    page++;
                }
                if (page > from) {
                    ranges.add(new SharedPages.Range(pa(from), (page - from) * pageBytes));
                } else {
                    page++;
                }
            }
            first = end;
        }
        return ranges;
    }

    @Override
    public void close() {
        sidePages.close();
    }
}
