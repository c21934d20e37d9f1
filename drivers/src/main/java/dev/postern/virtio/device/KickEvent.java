package dev.postern.virtio.device;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A device was notified; for flight recordings. The duration is that of the register access, which a machine may make long. */
@Name("dev.postern.Kick")
@Label("Kick")
@Category({"Postern", "Device"})
@Description("A device was told that buffers are available")
@StackTrace(false)
final class KickEvent extends Event {

    /** Asks whether anybody records; an event is made only then, so that a kick allocates nothing otherwise. */
    private static final KickEvent ASKS = new KickEvent();

    @Label("Device")
    String device;

    @Label("Queue")
    int queue;

    static boolean recorded() {
        return ASKS.isEnabled();
    }

    static KickEvent of(String device, int queue) {
        KickEvent event = new KickEvent();
        event.device = device;
        event.queue = queue;
        event.begin();
        return event;
    }
}
