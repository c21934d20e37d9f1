package dev.postern.emulated.virtio;

import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.mischief.InterruptStorm;

/** The interrupts for no reason that a script asks for, one each time that devices work. */
final class InterruptFlood {

    private final VirtioDevice device;
    private final Virtqueue queue;
    private final DeviceWork work;
    private final Runnable interrupt = this::interrupt;

    private InterruptStorm storm;
    private long left;

    InterruptFlood(VirtioDevice device, Virtqueue queue, DeviceWork work) {
        this.device = device;
        this.queue = queue;
        this.work = work;
    }

    /** The queue met a request. */
    void met(long request) {
        for (int i = 0; i < device.script().all().size(); i++) {
            if (device.script().all().get(i) instanceof InterruptStorm act && act.request() == request) {
                storm = act;
                left = act.count();
                work.add(interrupt);
            }
        }
    }

    void stop() {
        left = 0;
        work.remove(interrupt);
    }

    private void interrupt() {
        if (left-- <= 0) {
            return;
        }
        switch (storm.source()) {
            case USED_BUFFER -> device.bufferUsed(queue.registers().vector());
            case CONFIG_CHANGE -> device.interruptForConfig();
        }
        if (left > 0) {
            work.add(interrupt);
        }
    }
}
