package dev.postern.interrupt;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An interrupt was served; for flight recordings. The duration is that of its handlers. */
@Name("dev.postern.Interrupt")
@Label("Interrupt")
@Category({"Postern", "Interrupts"})
@Description("Handlers of an interrupt ran")
@StackTrace(false)
final class InterruptEvent extends Event {

    /** Asks whether anybody records; an event is made only then, so that a poll allocates nothing otherwise. */
    private static final InterruptEvent ASKS = new InterruptEvent();

    @Label("Vector")
    @Description("What the opener called it; the openers of a line that several devices share")
    String vector;

    @Label("Line")
    @Description("The global system interrupt of a line; -1 for a message or a latch")
    int line;

    @Label("Handled")
    @Description("Whether a handler claimed it; nobody does where a line is held by a device that is not driven")
    boolean handled;

    static boolean recorded() {
        return ASKS.isEnabled();
    }

    static InterruptEvent begun() {
        InterruptEvent event = new InterruptEvent();
        event.begin();
        return event;
    }

    void write(MessageVector message) {
        vector = message.name();
        line = -1;
        handled = true;
        commit();
    }

    void write(LatchVector latch) {
        vector = latch.name();
        line = -1;
        handled = true;
        commit();
    }

    void write(SharedLine shared, boolean claimed) {
        vector = shared.names();
        line = shared.gsi();
        handled = claimed;
        commit();
    }
}
