package dev.postern.virtio.device;

import dev.postern.virtio.transport.DeviceSignals;
import java.util.Arrays;

/** What interrupts said and nobody has looked at yet. Belongs to the thread that owns the device. */
final class PendingSignals implements DeviceSignals {

    /** In place of a queue: whichever. */
    static final int ANY_QUEUE = -1;

    private boolean[] ofQueue = {};
    private boolean ofAny;
    private boolean ofConfiguration;

    /** Forgets everything, and makes room for the queues with an index below {@code queues}. */
    void expect(int queues) {
        ofQueue = new boolean[queues];
        ofAny = false;
        ofConfiguration = false;
    }

    @Override
    public void queueSignalled(int queue) {
        ofQueue[queue] = true;
        ofAny = true;
    }

    @Override
    public void configurationChanged() {
        ofConfiguration = true;
    }

    /** Whether to look at a queue; a change of the configuration is a reason too, because the device may ask to be reset by it. */
    boolean pending(int queue) {
        return ofConfiguration || (queue == ANY_QUEUE ? ofAny : ofQueue[queue]);
    }

    /** Forgets what was said of a queue. */
    void take(int queue) {
        if (queue != ANY_QUEUE) {
            ofQueue[queue] = false;
        } else if (ofAny) {
            Arrays.fill(ofQueue, false);
            ofAny = false;
        }
    }

    boolean takeConfigurationChange() {
        boolean changed = ofConfiguration;
        ofConfiguration = false;
        return changed;
    }

    /** Forgets everything. */
    void clear() {
        take(ANY_QUEUE);
        ofConfiguration = false;
    }
}
