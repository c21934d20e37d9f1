package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Cpu;
import java.nio.ByteBuffer;

/**
 * The stream on which the back-end makes requests ("Back-end communication"). A changed configuration is noted, a miss of the IOTLB is
 * answered by what the table holds; everything else was not negotiated and is refused. Descriptors that come are closed.
 */
final class BackEndRequests implements AutoCloseable {

    private static final String WHAT = "back-end request";
    private static final int IOTLB_MSG = 1;
    private static final int CONFIG_CHANGE_MSG = 2;
    private static final long DONE = 0;
    private static final long REFUSED = 1;

    /** So many in one look; a back-end that makes more of them must not keep the guest from its work. */
    private static final int MOST_AT_ONCE = 16;

    private final ChannelConnection ours;
    private final MessageStream stream;

    private BackEndRequests(Channel channel, ChannelConnection ours, Cpu cpu) {
        this.ours = ours;
        stream = new MessageStream(channel, ours, cpu);
    }

    /** Makes the stream and passes one end of it. */
    static BackEndRequests open(Channel channel, Cpu cpu, MessageStream main, boolean acknowledged)
            throws VhostUserException {
        Channel.StreamPair pair;
        try {
            pair = channel.openPair();
        } catch (ChannelException e) {
            throw main.trouble(
                    VhostUserException.Kind.REFUSED,
                    Request.SET_BACKEND_REQ_FD.name(),
                    e.getMessage(),
                    "close what holds descriptors, or raise the limit (ulimit -n)");
        }
        BackEndRequests requests = new BackEndRequests(channel, pair.ours(), cpu);
        if (acknowledged) {
            requests.stream.acknowledgeOrders();
        }
        try {
            main.compose();
            main.order(Request.SET_BACKEND_REQ_FD, pair.theirDescriptor());
        } catch (VhostUserException e) {
            requests.close();
            throw e;
        } finally {
            pair.ours().closeDescriptor(pair.theirDescriptor());
        }
        return requests;
    }

    ChannelConnection connection() {
        return ours;
    }

    /** Serves what has come. Does not wait, but for the rest of a message that has begun. */
    void serve(ConfigSnapshot configuration, Iotlb translations) throws VhostUserException {
        for (int i = 0; i < MOST_AT_ONCE && ours.hasArrivals() && !ours.hungUp(); i++) {
            int request = stream.nextRequest(WHAT);
            long answer = switch (request) {
                case CONFIG_CHANGE_MSG -> {
                    configuration.outdate();
                    yield DONE;
                }
                case IOTLB_MSG -> translate(stream.payload(), translations);
                default -> REFUSED;
            };
            if (stream.answerWanted()) {
                stream.answerRequest(WHAT, answer);
            }
        }
    }

    /** "VHOST_USER_SLAVE_IOTLB_MSG": an address that the back-end has no translation for. */
    private static long translate(ByteBuffer payload, Iotlb translations) throws VhostUserException {
        if (payload.remaining() < Iotlb.MESSAGE_LEAST_BYTES) {
            return REFUSED;
        }
        return translations.answerMiss(payload.getLong(0), payload.get(Iotlb.TYPE_AT)) ? DONE : REFUSED;
    }

    @Override
    public void close() {
        stream.close();
    }
}
