package dev.postern.attach;

import dev.postern.machine.Doorbell;
import dev.postern.os.EventDescriptor;
import java.io.IOException;

/** A doorbell that is an event descriptor. */
final class EventDoorbell implements Doorbell, OpenThings.Thing {

    private final EventDescriptor event = EventDescriptor.create();
    private final OpenThings owner;

    /**
     * One that has not been rung.
     *
     * @throws IOException when the system has no more descriptors
     */
    EventDoorbell(OpenThings owner) throws IOException {
        this.owner = owner;
        owner.add(this);
    }

    @Override
    public int descriptor() {
        return event.descriptor();
    }

    @Override
    public void ring() {
        event.ring();
    }

    @Override
    public void close() {
        event.close();
        owner.remove(this);
    }
}
