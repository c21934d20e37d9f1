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
 * What the back-end trips: a latch for each queue and one for errors of all of them. Where latches end the guest's wait, what comes over
 * the streams does too: the end of one is the first sign of a back-end that has died.
 *
 * <p>Where queues are polled, they have one latch that nobody listens to. A ring asks for no signals then, and the protocol lets a
 * front-end do without a descriptor, but QEMU's library for back-ends signals the first buffer whatever the ring says, and gives up when
 * there is nothing to signal (libvhost-user.c of 7.2, vring_notify and vu_queue_notify).
 */
final class RingSignals implements AutoCloseable {

    private final List<Latch> calls = new ArrayList<>();
    private final List<LatchVector> vectors = new ArrayList<>();
    private final Latch errors;
    private boolean errorSeen;

    private RingSignals(Latch errors) {
        this.errors = errors;
    }

    /** Opens what a mode needs: POLLED or MSIX, which here is latches. */
    static RingSignals open(
            Channel channel,
            Session session,
            InterruptMode mode,
            InterruptRouter router,
            int queues,
            DeviceSignals signals) {
        RingSignals opened = new RingSignals(channel.latch());
        try {
            if (mode == InterruptMode.POLLED) {
                opened.calls.add(channel.latch());
            } else {
                opened.join(channel, session, router, queues, signals);
            }
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private void join(Channel channel, Session session, InterruptRouter router, int queues, DeviceSignals signals) {
        for (int i = 0; i < queues; i++) {
            int queue = i;
            Latch call = channel.latch();
            calls.add(call);
            vectors.add(router.openLatch(
                    call, "%s queue %d".formatted(channel.name(), queue), () -> signals.queueSignalled(queue)));
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

    /** What a queue's use of buffers trips. */
    int callDescriptor(int queue) {
        return calls.get(Math.min(queue, calls.size() - 1)).descriptor();
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
