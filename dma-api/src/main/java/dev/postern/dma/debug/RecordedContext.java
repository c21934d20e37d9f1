package dev.postern.dma.debug;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.ForwardingContext;
import jdk.jfr.FlightRecorder;

/**
 * A context that tells flight recordings of each map and unmap of another one. It is put around a context where one is opened while a
 * recording runs, so that a guest without one pays nothing at all.
 */
public final class RecordedContext extends ForwardingContext {

    private final String name;

    private RecordedContext(DmaContext inner) {
        super(inner);
        name = inner.toString();
    }

    /**
     * A context as it is to be used: with this around it when a recording that runs now wants maps or unmaps, else itself.
     *
     * @param context is used through the answer alone from now on, and closed by it
     */
    public static DmaContext whereWanted(DmaContext context) {
        // The first question is answered without a single event class.
        return FlightRecorder.isInitialized() && (new MapEvent().isEnabled() || new UnmapEvent().isEnabled())
                ? new RecordedContext(context)
                : context;
    }

    @Override
    public long map(long pa, long length, DmaDirection direction) {
        MapEvent event = new MapEvent();
        event.begin();
        long token = inner().map(pa, length, direction);
        event.end();
        if (event.shouldCommit()) {
            event.context = name;
            event.pa = pa;
            event.deviceAddress = inner().deviceAddress(token);
            event.length = length;
            event.direction = direction.name();
            event.commit();
        }
        return token;
    }

    @Override
    public void unmap(long token, long length, DmaDirection direction, long written) {
        UnmapEvent event = new UnmapEvent();
        // Afterwards the token means nothing.
        long address = event.isEnabled() ? inner().deviceAddress(token) : 0;
        event.begin();
        inner().unmap(token, length, direction, written);
        event.end();
        if (event.shouldCommit()) {
            event.context = name;
            event.deviceAddress = address;
            event.length = length;
            event.direction = direction.name();
            event.written = written;
            event.commit();
        }
    }
}
