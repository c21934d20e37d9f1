package dev.postern.virtio.queue;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A device broke a queue; for flight recordings. The stack says who met it. */
@Name("dev.postern.Violation")
@Label("Violation")
@Category({"Postern", "Queue"})
@Description("A device did to a queue what no device may do")
final class ViolationEvent extends Event {

    @Label("Device")
    String device;

    @Label("Queue")
    int queue;

    @Label("Used Entry")
    @Description("Counted from 0 since the queue was enabled; -1 when no single entry is at fault")
    long entry;

    @Label("Fault")
    String fault;

    static void write(QueueFault fault) {
        ViolationEvent event = new ViolationEvent();
        event.device = fault.device();
        event.queue = fault.queue();
        event.entry = fault.entry();
        event.fault = fault.what();
        event.commit();
    }
}
