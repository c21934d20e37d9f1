package dev.postern.virtio.device;

import dev.postern.virtio.transport.DeviceSignals;
import java.util.Arrays;

/** What interrupts said and nobody has looked at yet. Belongs to the thread that owns the device. */
final class PendingSignals implements DeviceSignals {

    private boolean[] ofQueue = {};
    private boolean ofAny;
    private boolean ofConfiguration;

    /** Makes room for the queues with an index below this one. */
    void limit(int queues) {
        ofQueue = new boolean[queues];
        ofAny = false;
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

    /** Whether to look at a queue; a change of the configuration is a reason too, because it may be a wish for a reset. */
    boolean pending(int queue) {
        return ofConfiguration || ofQueue[queue];
    }

    /** Whether to look at some queue. */
    boolean pendingAny() {
        return ofConfiguration || ofAny;
    }

    void take(int queue) {
        ofQueue[queue] = false;
    }

    void takeAll() {
        if (ofAny) {
            Arrays.fill(ofQueue, false);
            ofAny = false;
        }
    }

    boolean takeConfigurationChange() {
        boolean changed = ofConfiguration;
        ofConfiguration = false;
        return changed;
    }

    void clear() {
        takeAll();
        ofConfiguration = false;
    }
}
