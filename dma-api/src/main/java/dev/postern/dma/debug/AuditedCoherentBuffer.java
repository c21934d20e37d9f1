package dev.postern.dma.debug;

import dev.postern.dma.CoherentBuffer;
import java.lang.foreign.MemorySegment;

/** A coherent buffer that the ledger knows about. */
final class AuditedCoherentBuffer implements CoherentBuffer {

    private final DmaLedger ledger;
    private final AuditedContext owner;
    private final long token;
    private final CoherentBuffer inner;

    AuditedCoherentBuffer(DmaLedger ledger, AuditedContext owner, long token, CoherentBuffer inner) {
        this.ledger = ledger;
        this.owner = owner;
        this.token = token;
        this.inner = inner;
    }

    @Override
    public MemorySegment segment() {
        return inner.segment();
    }

    @Override
    public long deviceAddress() {
        return inner.deviceAddress();
    }

    @Override
    public void close() {
        if (ledger.freed(owner, token)) {
            inner.close();
        }
    }
}
