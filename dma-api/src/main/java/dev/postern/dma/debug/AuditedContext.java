package dev.postern.dma.debug;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.ForwardingContext;

/** A context that keeps a ledger about another one. The ledger's lock is never held while the other one is called. */
final class AuditedContext extends ForwardingContext {

    private final DmaLedger ledger;
    private final String name;

    AuditedContext(DmaLedger ledger, DmaContext inner) {
        super(inner);
        this.ledger = ledger;
        this.name = inner.toString();
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        long token = inner().map(pa, length, direction);
        return ledger.mapped(this, token, pa, inner().deviceAddress(token), length, direction);
    }

    /** As the interface says; there is no address to answer with for what is not mapped, so that one throws. */
    @Override
    public long deviceAddress(long token) {
        Long found = ledger.lookUp(this, token, ViolationKind.ADDRESS_OF_UNMAPPED);
        if (found == null) {
            throw new DmaMisuseException(
                    "DMA: %s: %s [token 0x%x]".formatted(name, ViolationKind.ADDRESS_OF_UNMAPPED.words(), token));
        }
        return inner().deviceAddress(found);
    }

    @Override
    public void syncForCpu(long token, long offset, long length) {
        Long found = ledger.synced(this, token, offset, length);
        if (found != null) {
            inner().syncForCpu(found, offset, length);
        }
    }

    @Override
    public void syncForDevice(long token, long offset, long length) {
        Long found = ledger.synced(this, token, offset, length);
        if (found != null) {
            inner().syncForDevice(found, offset, length);
        }
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        Long found = ledger.unmapped(this, token, length, direction, written);
        if (found != null) {
            inner().unmap(found, length, direction, written);
        }
    }

    @Override
    public void quarantine(long token, long length) {
        Long found = ledger.quarantined(this, token, length);
        if (found != null) {
            inner().quarantine(found, length);
        }
    }

    @Override
    public CoherentBuffer allocateCoherent(long length, long alignment) {
        CoherentBuffer buffer = inner().allocateCoherent(length, alignment);
        long token = ledger.allocated(this, buffer.deviceAddress(), length);
        return new AuditedCoherentBuffer(ledger, this, token, buffer);
    }

    /** Notes what is left, then closes the other context, which may throw for it. */
    @Override
    public void close() {
        ledger.closed(this);
        inner().close();
    }

    @Override
    public String toString() {
        return name;
    }
}
