package dev.postern.interrupt;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.jfr.FlightRecorder;

/**
 * One message-signalled interrupt: a mailbox slot in RAM, and the handler of what arrives there.
 *
 * <p>The device is told {@link #address()} and {@link #data()}. Its interrupt is a four-byte store of the data to the
 * address; the value says nothing but "look", so several stores before the guest looks are one interrupt.
 *
 * <p><b>Ownership:</b> the opener closes it, after the device can no longer send. <b>Threads:</b> as
 * {@link InterruptRouter}.
 */
public final class MessageVector implements AutoCloseable {

    private static final VarHandle SLOT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final InterruptRouter router;
    private final String name;
    private final InterruptHandler handler;
    private final MailboxSlot slot;
    private long count;
    private boolean closed;

    MessageVector(InterruptRouter router, String name, InterruptHandler handler, MailboxSlot slot) {
        this.router = router;
        this.name = name;
        this.handler = handler;
        this.slot = slot;
    }

    /** What the opener called it. */
    public String name() {
        return name;
    }

    /** Guest-physical address that the device stores to; a multiple of 4. */
    public long address() {
        return slot.pa();
    }

    /** The 32 bits that the device stores; never 0. */
    public int data() {
        return slot.data();
    }

    /** How often the handler ran. */
    public long count() {
        return count;
    }

    /** Whether a message waits for the next poll. */
    public boolean latched() {
        return (int) SLOT.getAcquire(slot.segment(), 0L) != 0;
    }

    /** Runs the handler if a message waits; for the router. */
    boolean serve() {
        if (closed) {
            return false;
        }
        MemorySegment mailbox = slot.segment();
        // A plain look first, since an atomic exchange on every idle poll would pull the cache line from the device.
        if ((int) SLOT.getOpaque(mailbox, 0L) == 0) {
            return false;
        }
        // The exchange pairs with the device's store of the data. Acquire: all that the device wrote before its message
        // is visible to the handler. Release and atomic, before the handler: a message that arrives from here on is not
        // wiped out and leads to another call, so none is lost; at worst one call finds nothing.
        if ((int) SLOT.getAndSet(mailbox, 0L, 0) == 0) {
            return false;
        }
        count++;
        InterruptEvent event =
                FlightRecorder.isInitialized() && InterruptEvent.recorded() ? InterruptEvent.begun() : null;
        handler.handle();
        if (event != null) {
            event.write(this);
        }
        return true;
    }

    /**
     * Ends the vector; its handler runs no more. The slot is used again, as late as possible, by another vector, for
     * which a late message of this device is an interrupt without cause. Safe to call twice.
     */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            router.closed(this, slot);
        }
    }

    @Override
    public String toString() {
        return "message %s (0x%x to 0x%x, %d served)".formatted(name, data(), address(), count);
    }
}
