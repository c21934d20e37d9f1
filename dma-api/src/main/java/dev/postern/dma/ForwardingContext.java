package dev.postern.dma;

import java.util.Objects;

/**
 * A context that passes every call on to another one: the base for those who look at, or change, some of the calls.
 *
 * <p>Lists are not passed on as such: {@link #mapAll} and its like call {@link #map} and its like here, so that whoever overrides the
 * single call sees each range. <b>Ownership:</b> the other context is used through this one alone and closed by it.
 * <b>Threads:</b> those of the other context.
 */
public abstract class ForwardingContext implements DmaContext {

    private final DmaContext inner;

    /**
     * Stands before a context.
     *
     * @param inner receives the calls
     */
    protected ForwardingContext(DmaContext inner) {
        this.inner = Objects.requireNonNull(inner);
    }

    /** The context that receives the calls. */
    protected final DmaContext inner() {
        return inner;
    }

    @Override
    public DmaPlan plan() {
        return inner.plan();
    }

    @Override
    public DmaConstraints constraints() {
        return inner.constraints();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        return inner.map(pa, length, direction);
    }

    @Override
    public long deviceAddress(long token) {
        return inner.deviceAddress(token);
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        inner.syncForCpu(token, offset, length);
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        inner.syncForDevice(token, offset, length);
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        inner.unmap(token, length, direction, written);
    }

    @Override
    public void quarantine(long token, long length) {
        inner.quarantine(token, length);
    }

    @Override
    public long quarantinedMappings() {
        return inner.quarantinedMappings();
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        return inner.allocateCoherent(length, alignment);
    }

    @Override
    public long largestMapping() {
        return inner.largestMapping();
    }

    @Override
    public long largestRequest() {
        return inner.largestRequest();
    }

    @Override
    public void close() {
        inner.close();
    }

    @Override
    public String toString() {
        return inner.toString();
    }
}
