package dev.postern.dma.backend;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Bytes were copied to or from a pool; for flight recordings. The duration is that of the copy alone. */
@Name("dev.postern.Bounce")
@Label("Bounce")
@Category({"Postern", "DMA"})
@Description("Bytes were copied between a buffer and the pool that stands in for it")
@StackTrace(false)
final class BounceEvent extends Event {

    /** Asks whether anybody records; an event is made only then, so that a copy allocates nothing otherwise. */
    private static final BounceEvent ASKS = new BounceEvent();

    @Label("Device")
    String device;

    @Label("Buffer")
    @MemoryAddress
    long buffer;

    @Label("Pool Address")
    @MemoryAddress
    long pool;

    @Label("Copied")
    @DataAmount
    long copied;

    @Label("To Device")
    @Description("Whether into the pool, or back out of it")
    boolean toDevice;

    /** The start of a copy, or null when nobody records. */
    static BounceEvent begun() {
        if (!ASKS.isEnabled()) {
            return null;
        }
        BounceEvent event = new BounceEvent();
        event.begin();
        return event;
    }
}
