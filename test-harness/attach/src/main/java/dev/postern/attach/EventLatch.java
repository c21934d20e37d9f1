package dev.postern.attach;

import dev.postern.machine.Latch;
import dev.postern.os.DescriptorSet;
import dev.postern.os.EventDescriptor;
import dev.postern.os.Readiness;
import java.io.IOException;

/** A latch that is an event descriptor, watched by the CPU. Nobody reads the counter: each ring is seen by itself. */
final class EventLatch implements Latch, OpenThings.Thing {

    private final DescriptorSet descriptors;
    private final EventDescriptor event;
    private final Readiness readiness;
    private final OpenThings owner;

    private EventLatch(DescriptorSet descriptors, EventDescriptor event, Readiness readiness, OpenThings owner) {
        this.owner = owner;
        this.descriptors = descriptors;
        this.event = event;
        this.readiness = readiness;
    }

    static EventLatch in(DescriptorSet descriptors, OpenThings owner) throws IOException {
        EventDescriptor event = EventDescriptor.create();
        try {
            EventLatch latch = new EventLatch(descriptors, event, descriptors.add(event.descriptor()), owner);
            owner.add(latch);
            return latch;
        } catch (IOException | RuntimeException e) {
            event.close();
            throw e;
        }
    }

    @Override
    public int descriptor() {
        return event.descriptor();
    }

    @Override
    public boolean take() {
        return readiness.take();
    }

    @Override
    public boolean look() {
        descriptors.look();
        return readiness.take();
    }

    @Override
    public void close() {
        readiness.close();
        event.close();
        owner.remove(this);
    }
}
