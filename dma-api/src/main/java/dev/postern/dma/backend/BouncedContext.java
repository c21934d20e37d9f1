package dev.postern.dma.backend;

import dev.postern.dma.BounceRules;
import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.UnwrittenBytes;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.BounceSlot;
import dev.postern.dma.bounce.PageAddresses;
import dev.postern.dma.bounce.PoolShare;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.FlightRecorder;

/**
 * The device reaches a pool of memory and nothing else; every mapping is a copy there. Device addresses are those of the pool's pages,
 * as the inner plan has them: shared addresses plus a constant, grants, or machine addresses. The pages of a slot are opened to the
 * device when its share gets them, and stay so while it has them.
 *
 * <ul>
 *   <li>TO_DEVICE: copied in at {@code map} and {@code syncForDevice}.
 *   <li>FROM_DEVICE: the slot is zeroed over the length of the mapping, or the buffer copied in, when the device gets it, so that
 *       what it does not write never shows older contents of the pool (CVE-2022-0854, CVE-2022-48853). Copied back at {@code
 *       syncForCpu} and {@code unmap}. {@code syncForDevice} changes nothing: the device may have written already.
 *   <li>BIDIRECTIONAL: both.
 *   <li>Where the device is not snooped, the caches are cleaned of a slot before the device gets it, and invalidated before it is
 *       copied back.
 * </ul>
 *
 * <p>Nothing but the bytes of a mapping is ever copied to shared memory. A token names slot and generation and is checked by every
 * call, so that a second unmap, or a token of another context, is always noticed.
 */
final class BouncedContext implements DmaContext {

    /** A page that nobody writes. */
    private static final MemorySegment ZEROES =
            Arena.global().allocate(4096, 64).asReadOnly();

    /** The other half of the pool is for headers and status bytes, for what rounding wastes, and for other devices. */
    private static final int POOL_PART_OF_A_REQUEST = 2;

    private final DmaPlan plan;
    private final BounceRules rules;
    private final AddressLimits limits;
    private final RegionMap regions;
    private final BouncePool pool;
    private final PoolShare share;
    private final PageAddresses addresses;
    private final Coherency coherency;
    private final CoherentBuffers coherent;
    private final long lowMask;
    private final long leastSlot;
    private final long largest;
    private final boolean zeroed;
    private final AtomicLong quarantined = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Opens it.
     *
     * @param plan what it carries out
     * @param memory all of RAM, with the buffers
     * @param limits what the device can express
     * @param access how it reaches the pool
     * @param coherent its coherent buffers; closed with it
     * @param rules how to treat what it wrote
     * @throws DmaMappingException when it cannot reach the pool
     */
    BouncedContext(
            DmaPlan plan,
            PhysicalMemory memory,
            AddressLimits limits,
            PoolAccess access,
            CoherentBuffers coherent,
            BounceRules rules) {
        this.plan = plan;
        this.rules = rules;
        this.limits = limits;
        this.coherent = coherent;
        regions = new RegionMap(memory);
        pool = access.pool();
        addresses = access.addresses();
        coherency = access.coherency();
        lowMask = limits.constraints().minAlignMask();
        // Two slots never share a cache line, or one device would destroy what another one wrote.
        leastSlot = Math.max(lowMask + 1, coherency.lineBytes());
        zeroed = rules.unwritten() == UnwrittenBytes.ZEROED;
        long longestSlot = Math.min(pool.largestMapping(), addresses.alwaysFollowing());
        largest = Math.min(limits.longestSegment(), longestSlot - lowMask);
        share = pool.share(limits.device(), addresses);
    }

    @Override
    public DmaPlan plan() {
        return plan;
    }

    @Override
    public DmaConstraints constraints() {
        return limits.constraints();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        if (closed.get()) {
            throw afterClose("map");
        }
        limits.checkLength(length, largest);
        int region = regions.find(pa, length);
        if (region == RegionMap.NONE) {
            throw MappableRam.notRam(limits.device(), pa, length);
        }
        // A device that makes assumptions about low address bits finds those that it would find without the pool; the
        // slot is
        // aligned to as much (CVE-2024-35814).
        long lowBits = pa & lowMask;
        BounceSlot slot = share.take(Math.max(lowBits + length, leastSlot));
        long dva = slot.slotAddress() + lowBits;
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
        coherency.toDevice(slot.memoryPa(), length);
        return token;
    }

    @Override
    public long deviceAddress(long token) {
        return find(token, "ask for the device address").deviceAddress();
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
            coherency.toDevice(slot.memoryPa() + offset, length);
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
        return quarantined.get() + addresses.kept().size();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return coherent.allocate(length, alignment);
    }

    @Override
    public long largestRequest() {
        long part = Math.min(pool.options().initialBytes() / POOL_PART_OF_A_REQUEST, addresses.mostTogether());
        return Math.max(largest, part);
    }

    @Override
    public long largestMapping() {
        return largest;
    }

    /**
     * Ends the context. A second call does nothing.
     *
     * @throws DmaMisuseException when mappings or coherent buffers are left, or the other side kept pages whose use had ended; nobody gets
     *     their memory again, because the device may still use it
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        int buffers = coherent.close();
        int mappings = share.close();
        if (mappings > 0 || buffers > 0) {
            throw misuse(
                    "context closed with %d mappings and %d coherent buffers: end them first, once the device is reset"
                            .formatted(mappings, buffers));
        }
        KeptPages.check(addresses, limits.device());
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
        // By copies: a slice that is filled is an object of 40 bytes wherever the compiler does not see through it.
        for (long at = 0; at < slot.length(); at += ZEROES.byteSize()) {
            MemorySegment.copy(
                    ZEROES,
                    0,
                    slot.memory(),
                    slot.memoryOffset() + at,
                    Math.min(slot.length() - at, ZEROES.byteSize()));
        }
    }

    /**
     * Copies a part of the buffer to the slot.
     *
     * @param at where the buffer begins in {@code ram}
     */
    private void copyIn(BounceSlot slot, MemorySegment ram, long at, long offset, long length) {
        BounceEvent event = FlightRecorder.isInitialized() ? BounceEvent.begun() : null;
        MemorySegment.copy(ram, at + offset, slot.memory(), slot.memoryOffset() + offset, length);
        slot.bounced(length);
        if (event != null) {
            event.toDevice = true;
            write(event, slot, offset, length);
        }
    }

    private void copyBack(BounceSlot slot, long offset, long length) {
        int region = regions.find(slot.bufferPa(), slot.length());
        coherency.toCpu(slot.memoryPa() + offset, length);
        BounceEvent event = FlightRecorder.isInitialized() ? BounceEvent.begun() : null;
        MemorySegment.copy(
                slot.memory(),
                slot.memoryOffset() + offset,
                regions.segment(region),
                regions.offset(region, slot.bufferPa()) + offset,
                length);
        slot.bounced(length);
        if (event != null) {
            write(event, slot, offset, length);
        }
    }

    private void write(BounceEvent event, BounceSlot slot, long offset, long length) {
        event.end();
        event.device = limits.device();
        event.buffer = slot.bufferPa() + offset;
        event.pool = slot.memoryPa() + offset;
        event.copied = length;
        event.commit();
    }

    private BounceSlot find(long token, String verb) {
        BounceSlot slot = share.find(token);
        if (slot == null || closed.get()) {
            throw closed.get()
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
        return new DmaMisuseException("DMA: %s: %s".formatted(limits.device(), what));
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(limits.device(), plan.describe());
    }
}
