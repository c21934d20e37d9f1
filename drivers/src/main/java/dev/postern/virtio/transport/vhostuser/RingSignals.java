package dev.postern.virtio.transport.vhostuser;

import dev.postern.interrupt.InterruptRouter;
import dev.postern.interrupt.LatchVector;
import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.Latch;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.transport.DeviceSignals;
import java.util.ArrayList;
import java.util.List;

/**
 * What the back-end trips: a latch for each queue, and one for errors of all of them. A polled queue has a latch too, which nobody waits
 * for: QEMU's library for back-ends signals the first answer whatever the driver wants, and takes a queue without one for broken
 * (libvhost-user.c, vu_queue_notify). Where latches end the
 * guest's wait, what comes over the streams does too: the end of one is the first sign of a back-end that has died.
 */
final class RingSignals implements AutoCloseable {

    private final List<Latch> calls = new ArrayList<>();
    private final List<LatchVector> vectors = new ArrayList<>();
    private final Latch errors;
    private boolean errorSeen;

    private RingSignals(Latch errors) {
        this.errors = errors;
    }

    /** Opens what a mode needs: POLLED or MSIX, where the router waits for the latches. */
    static RingSignals open(
            Channel channel,
            Session session,
            InterruptMode mode,
            InterruptRouter router,
            int queues,
            DeviceSignals signals) {
        RingSignals opened = new RingSignals(channel.latch());
        try {
            for (int queue = 0; queue < queues; queue++) {
                opened.calls.add(channel.latch());
            }
            if (mode != InterruptMode.POLLED) {
                opened.join(channel, session, router, signals);
            }
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private void join(Channel channel, Session session, InterruptRouter router, DeviceSignals signals) {
        for (int i = 0; i < calls.size(); i++) {
            int queue = i;
            vectors.add(router.openLatch(
                    calls.get(queue),
                    "%s queue %d".formatted(channel.name(), queue),
                    () -> signals.queueSignalled(queue)));
        }
        vectors.add(router.openLatch(errors, channel.name() + " err", () -> {
            errorSeen = true;
            signals.configurationChanged();
        }));
        ChannelConnection stream = session.connection();
        vectors.add(router.openLatch(stream.arrivals(), channel.name() + " stream", () -> {
            // An answer that has come is taken when the driver next looks; an end cannot wait.
            if (stream.hungUp()) {
                signals.configurationChanged();
            }
        }));
        session.requests()
                .ifPresent(requests -> vectors.add(router.openLatch(
                        requests.connection().arrivals(),
                        channel.name() + " requests",
                        signals::configurationChanged)));
    }

    int callDescriptor(int queue) {
        return calls.get(queue).descriptor();
    }

    int errorDescriptor() {
        return errors.descriptor();
    }

    /** Whether the back-end has signalled an error. Asks the system, since nobody halts where queues are polled. */
    boolean errorSeen() {
        errorSeen |= errors.look();
        return errorSeen;
    }

    @Override
    public void close() {
        vectors.forEach(LatchVector::close);
        calls.forEach(Latch::close);
        errors.close();
    }
}
