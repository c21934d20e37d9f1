package dev.postern.dma.backend;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DeviceView;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.HostileContext;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The hostile context: every mapping is bounced, every token checked, and what no one wrote is poison. Device addresses
 * are guest-physical. One lock guards all of it.
 */
public final class PoisonedContext implements HostileContext {

    /** As with a software bounce pool of 128 slots of 2 KiB, the usual limit in Linux guests. */
    private static final long LARGEST = 256 << 10;

    private static final DmaPlan PLAN = new DmaPlan.Direct(0);

    private final Object lock = new Object();
    private final long seed;
    private final String name;
    private final FrameAllocator frames;
    private final DmaConstraints constraints;
    private final AddressLimits limits;
    private final long largest;
    private final SplittableRandom random;
    private final PoisonPattern pattern;
    private final List<String> trespasses = new ArrayList<>();
    private final PoisonedFrames quarantine;
    private final RandomPlacement placement;
    private final Map<Long, Substitute> live = new HashMap<>();
    private final Set<PoisonedCoherentBuffer> coherent = new LinkedHashSet<>();
    private final NavigableMap<Long, Grant> grants = new TreeMap<>();
    private final Set<Grant> givenUp = new HashSet<>();
    private final DeviceView view;
    private boolean closed;

    /**
     * Opens it.
     *
     * @param seed decides every choice
     * @param frames where substitutes and coherent buffers come from
     * @param constraints what the device can express
     * @param device what messages call it
     */
    public PoisonedContext(long seed, FrameAllocator frames, DmaConstraints constraints, String device) {
        this.seed = seed;
        this.name = "%s (hostile, seed 0x%x)".formatted(device, seed);
        this.frames = frames;
        this.constraints = constraints;
        this.limits = new AddressLimits(constraints, 0, name);
        this.largest = Math.min(LARGEST, limits.longestSegment());
        this.random = new SplittableRandom(seed);
        this.pattern = new PoisonPattern(seed);
        this.quarantine = new PoisonedFrames(frames, pattern, trespasses);
        this.placement = new RandomPlacement(random, frames, constraints, limits, quarantine, name);
        this.view = new PoisonedDeviceView(lock, grants, quarantine, name);
    }

    @Override
    public long seed() {
        return seed;
    }

    @Override
    public DeviceView deviceView() {
        return view;
    }

    /** Device addresses are guest-physical, though never those of the buffers. */
    @Override
    public DmaPlan plan() {
        return PLAN;
    }

    @Override
    public DmaConstraints constraints() {
        return constraints;
    }

    @Override
    public long largestRequest() {
        return Long.MAX_VALUE;
    }

    @Override
    public long largestMapping() {
        return largest;
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        synchronized (lock) {
            checkOpen("map");
            limits.checkLength(length, largest);
            if (!frames.memory().contains(pa, length)) {
                throw new DmaMappingException(
                        "DMA: %s: 0x%x, length 0x%x, is not inside one RAM region: map memory from the frame allocator only"
                                .formatted(name, pa, length));
            }
            GuardedRun place = placement.forBuffer(new PhysRange(pa, length));
            String what = "mapping of 0x%x, %d bytes, %s".formatted(pa, length, direction);
            Grant grant = grant(place, direction, what);
            long token = freshToken();
            live.put(token, new Substitute(frames.memory().slice(pa, length), grant));
            return token;
        }
    }

    @Override
    public long deviceAddress(long token) {
        synchronized (lock) {
            return find(token, "ask for the device address").grant().dva();
        }
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        synchronized (lock) {
            Substitute mapping = find(token, "sync for the CPU");
            checkRange(mapping, offset, length);
            mapping.toCpu(offset, length);
        }
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        synchronized (lock) {
            Substitute mapping = find(token, "sync for the device");
            checkRange(mapping, offset, length);
            mapping.toDevice(offset, length);
        }
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        synchronized (lock) {
            Substitute mapping = find(token, "unmap");
            String what = mapping.grant().what();
            if (length != mapping.length()) {
                throw misuse("unmap with length %d of a %s".formatted(length, what));
            }
            if (direction != mapping.direction()) {
                throw misuse("unmap with direction %s of a %s".formatted(direction, what));
            }
            long most = direction.deviceWrites() ? length : 0;
            if (written < 0 || written > most) {
                throw misuse("unmap with %d bytes written, of at most %d, of a %s".formatted(written, most, what));
            }
            mapping.finish(written);
            live.remove(token);
            withdraw(mapping.grant());
        }
    }

    /** The substitute stays where it is, and the device may use it until the end. */
    @Override
    public void quarantine(long token, long length) {
        synchronized (lock) {
            Substitute mapping = find(token, "quarantine");
            if (length != mapping.length()) {
                throw misuse("quarantine with length %d of a %s"
                        .formatted(length, mapping.grant().what()));
            }
            live.remove(token);
            givenUp.add(mapping.grant());
        }
    }

    @Override
    public long quarantinedMappings() {
        synchronized (lock) {
            return givenUp.size();
        }
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        CoherentRequest.check(length, alignment, name);
        synchronized (lock) {
            checkOpen("allocate a coherent buffer");
            GuardedRun place = placement.forCoherent(length, alignment);
            Grant grant = grant(place, DmaDirection.BIDIRECTIONAL, "coherent buffer of %d bytes".formatted(length));
            grant.memory().fill((byte) 0);
            PoisonedCoherentBuffer buffer = new PoisonedCoherentBuffer(this, grant);
            coherent.add(buffer);
            return buffer;
        }
    }

    /** Takes a coherent buffer back. */
    void release(PoisonedCoherentBuffer buffer) {
        synchronized (lock) {
            if (!coherent.remove(buffer)) {
                throw misuse("a second close of the %s at device address 0x%x"
                        .formatted(buffer.grant().what(), buffer.deviceAddress()));
            }
            withdraw(buffer.grant());
        }
    }

    /**
     * Ends the context. A second call does nothing. What is left stays out of reach of the frame allocator.
     *
     * @throws DmaMisuseException when mappings or coherent buffers are left, or the device wrote where it had been given
     *     nothing; one line for each after the first
     */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            quarantine.releaseAll();
            List<String> lines = new ArrayList<>();
            for (Grant left : grants.values()) {
                if (!givenUp.contains(left)) {
                    lines.add("never given back: %s, device address 0x%x".formatted(left.what(), left.dva()));
                }
                noteTouchedGuard(left);
            }
            lines.addAll(trespasses);
            if (!lines.isEmpty()) {
                throw misuse("closed with %d faults:%n  %s"
                        .formatted(lines.size(), String.join(System.lineSeparator() + "  ", lines)));
            }
        }
    }

    private Grant grant(GuardedRun place, DmaDirection direction, String what) {
        place.poison(frames.memory(), pattern);
        Grant grant = new Grant(place, direction, place.memory(frames.memory()), what);
        grants.put(grant.dva(), grant);
        return grant;
    }

    private void withdraw(Grant grant) {
        noteTouchedGuard(grant);
        grants.remove(grant.dva());
        quarantine.add(grant.place(), grant.what());
    }

    private void noteTouchedGuard(Grant grant) {
        long touched = grant.place().touchedGuard(frames.memory(), pattern);
        if (touched >= 0) {
            trespasses.add("0x%x was written, outside the %s at device address 0x%x"
                    .formatted(touched, grant.what(), grant.dva()));
        }
    }

    /** A token that is no address and was not handed out a moment ago. */
    private long freshToken() {
        long token = random.nextLong();
        while (token == 0 || live.containsKey(token)) {
            token = random.nextLong();
        }
        return token;
    }

    private Substitute find(long token, String verb) {
        checkOpen(verb);
        Substitute mapping = live.get(token);
        if (mapping == null) {
            throw misuse("%s with token 0x%x, which is not mapped: unmapped before, or never mapped here"
                    .formatted(verb, token));
        }
        return mapping;
    }

    private void checkRange(Substitute mapping, long offset, long length) {
        if (offset < 0 || length < 0 || offset > mapping.length() - length) {
            throw misuse("sync of %d bytes at offset %d, outside the %s"
                    .formatted(length, offset, mapping.grant().what()));
        }
    }

    private void checkOpen(String verb) {
        if (closed) {
            throw misuse(verb + " after the context was closed");
        }
    }

    private DmaMisuseException misuse(String what) {
        return new DmaMisuseException("DMA: %s: %s".formatted(name, what));
    }

    @Override
    public String toString() {
        return name;
    }
}
