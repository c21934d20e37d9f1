package dev.postern.dma.backend;

import dev.postern.dma.BounceRules;
import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.UnwrittenBytes;
import dev.postern.dma.bounce.BounceSlot;
import dev.postern.dma.bounce.PoolShare;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The device reaches a pool of shared memory and nothing else; every mapping is a copy there. Device addresses are those of the
 * shared memory, plus the constant of the plan.
 *
 * <ul>
 *   <li>TO_DEVICE: copied in at {@code map} and {@code syncForDevice}.
 *   <li>FROM_DEVICE: the slot is zeroed over the length of the mapping, or the buffer copied in, when the device gets it, so that
 *       what it does not write never shows older contents of the pool (CVE-2022-0854, CVE-2022-48853). Copied back at {@code
 *       syncForCpu} and {@code unmap}. {@code syncForDevice} changes nothing: the device may have written already.
 *   <li>BIDIRECTIONAL: both.
 * </ul>
 *
 * <p>Nothing but the bytes of a mapping is ever copied to shared memory. A token names slot and generation and is checked by every
 * call, so that a second unmap, or a token of another context, is always noticed.
 */
public final class BouncedContext implements DmaContext {

    /** The other half of the pool is for headers and status bytes, for what rounding wastes, and for other devices. */
    private static final int POOL_PART_OF_A_REQUEST = 2;

    private final DmaPlan.Bounced plan;
    private final BounceRules rules;
    private final DmaConstraints constraints;
    private final String device;
    private final PhysicalMemory memory;
    private final RegionMap regions;
    private final PoolShare share;
    private final CoherentPages pages;
    private final AddressLimits limits;
    private final long offset;
    private final long lowMask;
    private final long largest;
    private final boolean zeroed;
    private final Set<BouncedCoherentBuffer> coherent = new HashSet<>();
    private final AtomicLong quarantined = new AtomicLong();
    private volatile boolean closed;

    /**
     * Opens it.
     *
     * @param plan what is bounced over
     * @param direct the same, as the plan has it
     * @param memory with a pool
     * @param constraints what the device can express
     * @param rules how to treat what it wrote
     * @param device what messages call it
     * @throws DmaMappingException when there is no pool, or the device cannot reach it
     */
    public BouncedContext(
            DmaPlan.Bounced plan,
            DmaPlan.Direct direct,
            DmaMemory memory,
            DmaConstraints constraints,
            BounceRules rules,
            String device) {
        this.plan = plan;
        this.rules = rules;
        this.constraints = constraints;
        this.device = device;
        this.memory = memory.frames().memory();
        regions = new RegionMap(this.memory);
        offset = direct.offset();
        limits = new AddressLimits(constraints, offset, device);
        lowMask = constraints.minAlignMask();
        zeroed = rules.unwritten() == UnwrittenBytes.ZEROED;
        var pool = memory.pool()
                .orElseThrow(() -> new DmaMappingException(
                        "DMA: %s: %s needs a bounce pool, and there is none: make one of shared memory first"
                                .formatted(device, plan.describe())));
        for (PhysRange range : pool.ranges()) {
            if (!limits.expressible(pool.sharedAlias(range.basePa()) + offset, range.length())) {
                throw new DmaMappingException(
                        "DMA: %s: bounce pool %s has memory at 0x%x, beyond the %d address bits of the device: make the pool of lower memory"
                                .formatted(device, pool.name(), range.basePa(), constraints.addressBits()));
            }
        }
        largest = Math.min(limits.longestSegment(), pool.largestMapping() - lowMask);
        share = pool.share(device);
        pages = memory.shared()
                .<CoherentPages>map(shared -> new SharedCoherentPages(shared, limits, device))
                .orElseGet(() -> new PooledCoherentPages(pool, device));
    }

    @Override
    public DmaPlan plan() {
        return plan;
    }

    @Override
    public DmaConstraints constraints() {
        return constraints;
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        if (closed) {
            throw afterClose("map");
        }
        limits.checkLength(length, largest);
        int region = regions.find(pa, length);
        if (region == RegionMap.NONE) {
            throw new DmaMappingException(
                    "DMA: %s: 0x%x, length 0x%x, is not inside one RAM region: map memory from the frame allocator only"
                            .formatted(device, pa, length));
        }
        // A device that makes assumptions about low address bits finds those that it would find without the pool; the
        // slot is
        // aligned to as much (CVE-2024-35814).
        long lowBits = pa & lowMask;
        BounceSlot slot = share.take(Math.max(lowBits + length, lowMask + 1));
        long dva = slot.sharedPa() + lowBits + offset;
        if (!limits.expressible(dva, length) || limits.crosses(dva, length)) {
            share.giveBack(slot);
            limits.checkAddress(dva, length);
        }
        long token = slot.begin(pa, (int) length, direction, (int) lowBits);
        if (zeroed && direction == DmaDirection.FROM_DEVICE) {
            zero(slot);
        } else {
            copyIn(slot, regions.segment(region), regions.offset(region, pa), 0, length);
        }
        return token;
    }

    @Override
    public long deviceAddress(long token) {
        return find(token, "ask for the device address").mappedPa() + offset;
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        BounceSlot slot = find(token, "sync for the CPU");
        checkRange(slot, offset, length);
        if (slot.direction().deviceWrites()) {
            copyBack(slot, offset, length);
        }
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        BounceSlot slot = find(token, "sync for the device");
        checkRange(slot, offset, length);
        if (slot.direction().deviceReads()) {
            int region = regions.find(slot.bufferPa(), slot.length());
            copyIn(slot, regions.segment(region), regions.offset(region, slot.bufferPa()), offset, length);
        }
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        BounceSlot slot = find(token, "unmap");
        if (slot.length() != length || slot.direction() != direction) {
            throw misuse("unmap with length %d and direction %s of a mapping of %d bytes, %s"
                    .formatted(length, direction, slot.length(), slot.direction()));
        }
        long back = toCopyBack(slot, written);
        if (back != 0) {
            copyBack(slot, 0, back);
        }
        slot.end();
        share.giveBack(slot);
    }

    @Override
    public void quarantine(long token, long length) {
        BounceSlot slot = find(token, "quarantine");
        if (slot.length() != length) {
            throw misuse("quarantine with length %d of a mapping of %d bytes".formatted(length, slot.length()));
        }
        share.quarantine(slot);
        quarantined.incrementAndGet();
    }

    @Override
    public long quarantinedMappings() {
        return quarantined.get();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        CoherentRequest.check(length, alignment, device);
        synchronized (coherent) {
            if (closed) {
                throw afterClose("allocate a coherent buffer");
            }
            PhysRange run = pages.take(length, alignment);
            long dva = pages.sharedAlias(run.basePa()) + offset;
            if (!limits.expressible(dva, length) || (dva & alignment - 1) != 0) {
                pages.giveBack(run);
                throw new DmaMappingException(
                        "DMA: %s: shared memory at device address 0x%x is beyond %d address bits, or not aligned to 0x%x: ask for less alignment, or correct mask or offset"
                                .formatted(device, dva, constraints.addressBits(), alignment));
            }
            BouncedCoherentBuffer buffer =
                    new BouncedCoherentBuffer(this, run, memory.slice(run.basePa(), length), dva);
            coherent.add(buffer);
            return buffer;
        }
    }

    /** Gives a coherent buffer back. */
    void release(BouncedCoherentBuffer buffer) {
        synchronized (coherent) {
            if (!coherent.remove(buffer)) {
                throw misuse(
                        "coherent buffer at device address 0x%x was closed before".formatted(buffer.deviceAddress()));
            }
            pages.giveBack(buffer.run());
        }
    }

    @Override
    public long largestRequest() {
        return Math.max(largest, share.pool().options().initialBytes() / POOL_PART_OF_A_REQUEST);
    }

    @Override
    public long largestMapping() {
        return largest;
    }

    /**
     * Ends the context. A second call does nothing.
     *
     * @throws DmaMisuseException when mappings or coherent buffers are left; nobody gets their memory again, because the device may
     *     still use it
     */
    @Override
    public void close() {
        synchronized (coherent) {
            if (closed) {
                return;
            }
            closed = true;
            int mappings = share.close();
            if (mappings > 0 || !coherent.isEmpty()) {
                throw misuse(
                        "context closed with %d mappings and %d coherent buffers: end them first, once the device is reset"
                                .formatted(mappings, coherent.size()));
            }
        }
    }

    /** Checks the device's word about a mapping; returns how many bytes of it the caller gets. */
    private long toCopyBack(BounceSlot slot, long written) {
        long most = slot.direction().deviceWrites() ? slot.length() : 0;
        long back = switch (rules.usedLength()) {
            case TRUSTED -> written;
            case CLAMP -> clamped(written, slot.length());
            case IGNORE -> most;
        };
        if (written < 0 || back > most) {
            throw misuse("unmap with %d bytes written of a mapping of %d bytes, %s"
                    .formatted(written, slot.length(), slot.direction()));
        }
        return back;
    }

    private static long clamped(long written, int length) {
        return Math.min(written, length);
    }

    /** What the slot held before is nobody's any more. */
    private static void zero(BounceSlot slot) {
        slot.memory().asSlice(slot.memoryOffset(), slot.length()).fill((byte) 0);
    }

    /**
     * Copies a part of the buffer to the slot.
     *
     * @param at where the buffer begins in {@code ram}
     */
    private static void copyIn(BounceSlot slot, MemorySegment ram, long at, long offset, long length) {
        MemorySegment.copy(ram, at + offset, slot.memory(), slot.memoryOffset() + offset, length);
        slot.bounced(length);
    }

    private void copyBack(BounceSlot slot, long offset, long length) {
        int region = regions.find(slot.bufferPa(), slot.length());
        MemorySegment.copy(
                slot.memory(),
                slot.memoryOffset() + offset,
                regions.segment(region),
                regions.offset(region, slot.bufferPa()) + offset,
                length);
        slot.bounced(length);
    }

    private BounceSlot find(long token, String verb) {
        BounceSlot slot = share.find(token);
        if (slot == null || closed) {
            throw closed
                    ? afterClose(verb)
                    : misuse("%s with token 0x%x, which is not mapped: unmapped before, or never mapped here"
                            .formatted(verb, token));
        }
        return slot;
    }

    private void checkRange(BounceSlot slot, long offset, long length) {
        if (offset < 0 || length < 0 || offset > slot.length() - length) {
            throw misuse("sync of %d bytes at offset %d, outside a mapping of %d bytes"
                    .formatted(length, offset, slot.length()));
        }
    }

    private DmaMisuseException afterClose(String what) {
        return misuse(what + " after the context was closed");
    }

    private DmaMisuseException misuse(String what) {
        return new DmaMisuseException("DMA: %s: %s".formatted(device, what));
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(device, plan.describe());
    }
}
