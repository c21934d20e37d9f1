package dev.postern.platform;

import dev.postern.memory.DevicePages;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Memory that devices may reach on a secure platform: frames that are shared when they are taken and made private again when they
 * are given back.
 *
 * <p>A granule that the platform refused to change is lost on purpose: counted and never used again, since nobody knows who can
 * reach it (CVE-2024-36909 to 36913, CVE-2024-35939). Safe for use by several threads.
 */
public final class SharedMemory {

    private final PageSharing sharing;
    private final FrameAllocator frames;
    private final Object lock = new Object();
    private final TreeMap<Long, Share> shared = new TreeMap<>();
    private long sharedBytes;
    private long highWaterBytes;
    private long lostBytes;

    private record Share(PhysRange run, SharedPurpose purpose) {}

    /**
     * Nothing is shared yet.
     *
     * @param frames where the memory comes from
     */
    public SharedMemory(PageSharing sharing, FrameAllocator frames) {
        this.sharing = sharing;
        this.frames = frames;
    }

    /** The mechanism beneath. */
    public PageSharing sharing() {
        return sharing;
    }

    /** The memory that the frames are part of. */
    public FrameAllocator frames() {
        return frames;
    }

    /**
     * Takes frames for no {@link SharedPurpose} in particular; otherwise the same.
     *
     * @throws OutOfFramesException when there are none inside the shareable range
     * @throws SharingFailedException when the platform refuses
     */
    public PhysRange allocate(long bytes, FrameRequest request) throws SharingFailedException {
        return allocate(bytes, request, SharedPurpose.OTHER);
    }

    /**
     * Takes frames, shares them and zeroes them.
     *
     * @param bytes at least 1; rounded up to whole granules
     * @param request alignment and limit, beside what sharing needs
     * @param purpose what the memory is for, for reports
     * @throws OutOfFramesException when there are none inside the shareable range
     * @throws SharingFailedException when the platform refuses; what it refused is lost, the rest is free again
     */
    public PhysRange allocate(long bytes, FrameRequest request, SharedPurpose purpose) throws SharingFailedException {
        long granule = sharing.granuleBytes();
        long length = (bytes + granule - 1) & -granule;
        FrameRequest inside = request.withAlignment(Math.max(granule, request.alignment()));
        synchronized (lock) {
            PhysRange run = takeFrames(length, inside);
            try {
                sharing.share(run);
            } catch (SharingFailedException e) {
                afterRefusedShare(run, e.failedPa());
                throw e;
            }
            // The change destroyed the contents, and what it left must not be taken for the guest's.
            frames.memory().slice(run.basePa(), run.length()).fill((byte) 0);
            shared.put(run.basePa(), new Share(run, purpose));
            sharedBytes += run.length();
            highWaterBytes = Math.max(highWaterBytes, sharedBytes);
            return run;
        }
    }

    /**
     * Pages from here for those who only need pages; a refusal of the platform is to them that there are none.
     *
     * @param purpose what they are for, for reports
     */
    public DevicePages pages(SharedPurpose purpose) {
        return new DevicePages() {
            @Override
            public PhysRange allocate(long bytes, FrameRequest request) {
                try {
                    return SharedMemory.this.allocate(bytes, request, purpose);
                } catch (SharingFailedException e) {
                    throw new OutOfFramesException("no page can be shared with devices: " + e.getMessage());
                }
            }

            @Override
            public void free(PhysRange run) {
                SharedMemory.this.free(run);
            }

            @Override
            public long deviceAddress(long pa) {
                return sharing.sharedAlias(pa);
            }

            @Override
            public PhysicalMemory memory() {
                return frames.memory();
            }
        };
    }

    /**
     * Makes frames private and gives them back. When the platform refuses, they are lost; that is counted, and nobody is told,
     * because nobody could do anything about it.
     *
     * @param run exactly what {@link #allocate} returned
     */
    public void free(PhysRange run) {
        synchronized (lock) {
            Share share = shared.get(run.basePa());
            if (share == null || !run.equals(share.run())) {
                throw new IllegalArgumentException(
                        "%s is not shared memory: freed twice, or it came from elsewhere".formatted(run));
            }
            // No byte of a request outlives its sharing on the host's side of the page.
            frames.memory().slice(run.basePa(), run.length()).fill((byte) 0);
            shared.remove(run.basePa());
            sharedBytes -= run.length();
            try {
                sharing.unshare(run);
                frames.free(run);
            } catch (SharingFailedException e) {
                afterRefusedUnshare(run, e.failedPa());
            }
        }
    }

    /** What is shared now, ascending. */
    public List<PhysRange> ranges() {
        synchronized (lock) {
            return shared.values().stream().map(Share::run).toList();
        }
    }

    /** Bytes shared now, by what they are for; a purpose without any is left out. */
    public Map<SharedPurpose, Long> bytesByPurpose() {
        synchronized (lock) {
            Map<SharedPurpose, Long> bytes = new EnumMap<>(SharedPurpose.class);
            shared.values()
                    .forEach(share -> bytes.merge(share.purpose(), share.run().length(), Long::sum));
            return bytes;
        }
    }

    /** Bytes shared now. */
    public long sharedBytes() {
        synchronized (lock) {
            return sharedBytes;
        }
    }

    /** The most bytes that were shared at one time. */
    public long highWaterBytes() {
        synchronized (lock) {
            return highWaterBytes;
        }
    }

    /** Bytes lost because the platform refused to change them. */
    public long lostBytes() {
        synchronized (lock) {
            return lostBytes;
        }
    }

    /** What lies before the failure is shared, what lies behind it still private. */
    private void afterRefusedShare(PhysRange run, long failedPa) {
        PhysRange fromFailure = run;
        if (failedPa > run.basePa()) {
            PhysRange before = frames.split(run, failedPa - run.basePa());
            fromFailure = PhysRange.between(failedPa, run.endPa());
            takeBack(before);
        }
        lose(fromFailure).ifPresent(frames::free);
    }

    /** What lies before the failure is private, what lies behind it still shared. */
    private void afterRefusedUnshare(PhysRange run, long failedPa) {
        PhysRange fromFailure = run;
        if (failedPa > run.basePa()) {
            frames.free(frames.split(run, failedPa - run.basePa()));
            fromFailure = PhysRange.between(failedPa, run.endPa());
        }
        lose(fromFailure).ifPresent(this::takeBack);
    }

    /** Each round loses a granule, so this ends. */
    private void takeBack(PhysRange pages) {
        try {
            sharing.unshare(pages);
            frames.free(pages);
        } catch (SharingFailedException e) {
            afterRefusedUnshare(pages, e.failedPa());
        }
    }

    /** Gives the first granule up for ever and returns the rest. */
    private Optional<PhysRange> lose(PhysRange run) {
        long granule = sharing.granuleBytes();
        lostBytes += granule;
        if (run.length() == granule) {
            return Optional.empty();
        }
        frames.split(run, granule);
        return Optional.of(PhysRange.between(run.basePa() + granule, run.endPa()));
    }

    private PhysRange takeFrames(long length, FrameRequest request) {
        OutOfFramesException none = null;
        for (PhysRange range : sharing.shareable()) {
            if (range.basePa() > request.highestPa() || range.endPa() <= request.lowestPa()) {
                continue;
            }
            try {
                return frames.allocate(length, request.within(range));
            } catch (OutOfFramesException e) {
                none = e;
            }
        }
        throw none != null
                ? none
                : new OutOfFramesException("the platform lets no memory be shared at 0x%x to 0x%x"
                        .formatted(request.lowestPa(), request.highestPa()));
    }
}
