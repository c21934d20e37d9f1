package dev.postern.virtio.fake;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.HostileContext;

/** A hostile context that counts what is mapped and refuses a mapping when told. */
public final class WatchedContext implements DmaContext {

    private final HostileContext context;
    private long largest;
    private int live;
    private int calls;
    private int refuseFrom = Integer.MAX_VALUE;
    private int refuseTo = Integer.MAX_VALUE;

    /** Watches a context. */
    public WatchedContext(HostileContext context) {
        this.context = context;
        largest = context.largestMapping();
    }

    /** How many mappings are live. */
    public int live() {
        return live;
    }

    /** How often something was mapped, or refused. */
    public int calls() {
        return calls;
    }

    /** Refuses {@code count} mappings, after {@code after} more that succeed. */
    public void refuse(int after, int count) {
        refuseFrom = calls + after;
        refuseTo = refuseFrom + count;
    }

    /** Takes no longer mappings than these. */
    public void largestMapping(long bytes) {
        largest = bytes;
    }

    @Override
    public DmaPlan plan() {
        return context.plan();
    }

    @Override
    public DmaConstraints constraints() {
        return context.constraints();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        int call = calls++;
        if (call >= refuseFrom && call < refuseTo) {
            throw new DmaMappingException("mapping %d is refused".formatted(call));
        }
        if (length > largest) {
            throw new DmaMappingException("%d bytes are too long to map; at most %d".formatted(length, largest));
        }
        long token = context.map(pa, length, direction);
        live++;
        return token;
    }

    @Override
    public long deviceAddress(long token) {
        return context.deviceAddress(token);
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        context.syncForCpu(token, offset, length);
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        context.syncForDevice(token, offset, length);
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        context.unmap(token, length, direction, written);
        live--;
    }

    @Override
    public void quarantine(long token, long length) {
        // It stays live: nothing was unmapped.
        context.quarantine(token, length);
    }

    @Override
    public long quarantinedMappings() {
        return context.quarantinedMappings();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return context.allocateCoherent(length, alignment);
    }

    @Override
    public long largestRequest() {
        return Math.max(largest, context.largestRequest());
    }

    @Override
    public long largestMapping() {
        return largest;
    }

    @Override
    public void close() {
        context.close();
    }
}
