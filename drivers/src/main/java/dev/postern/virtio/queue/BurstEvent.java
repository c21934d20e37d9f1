package dev.postern.virtio.queue;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Chains were shown to a device with one store; for flight recordings. */
@Name("dev.postern.Burst")
@Label("Burst")
@Category({"Postern", "Queue"})
@Description("Chains were shown to a device with one store")
@StackTrace(false)
final class BurstEvent extends Event {

    /** Asks whether anybody records; an event is made only then, so that a burst allocates nothing otherwise. */
    private static final BurstEvent ASKS = new BurstEvent();

    @Label("Device")
    String device;

    @Label("Queue")
    int queue;

    @Label("Chains")
    long chains;

    @Label("Notified")
    @Description("Whether the device wants to be notified of them")
    boolean notified;

    static boolean recorded() {
        return ASKS.isEnabled();
    }

    static void write(String device, int queue, long chains, boolean notified) {
        BurstEvent event = new BurstEvent();
        event.device = device;
        event.queue = queue;
        event.chains = chains;
        event.notified = notified;
        event.commit();
    }
}
