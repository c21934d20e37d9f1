package dev.postern.virtio.transport.vhostuser;

import dev.postern.virtio.transport.vhostuser.VhostUserException.Kind;
import java.nio.ByteBuffer;

/**
 * The device's configuration space as it was read last, all of it by one GET_CONFIG ("Virtio device config space"), so that its fields
 * always belong together. The protocol lets a front-end keep it.
 *
 * <p>It is read again when the back-end says that it has changed, when the driver has written to it, and else once a second; that once
 * without waiting: the question is put, and the answer taken when it is there. No answer for {@link Patience#ANSWER} is how a back-end
 * is noticed that stands still.
 */
final class ConfigSnapshot {

    /** Of a device that nobody has talked to yet. */
    static final ConfigSnapshot NONE = new ConfigSnapshot();

    private static final int PREFIX_BYTES = 12;
    private static final long MOST_AGE_NANOS = 1_000_000_000;

    private final MessageStream stream;
    private final byte[] bytes;
    private int generation;
    private long askedAt;
    private boolean asked;
    private boolean outdated;

    /**
     * Reads it for the first time.
     *
     * @param length how many bytes there are of it; 0 where the back-end has none
     * @param generation what {@link #generation} begins with
     * @throws VhostUserException when the back-end does not tell so many
     */
    ConfigSnapshot(MessageStream stream, int length, int generation) throws VhostUserException {
        this.stream = stream;
        this.generation = generation;
        bytes = new byte[length];
        readAgain();
    }

    private ConfigSnapshot() {
        stream = null;
        bytes = new byte[0];
    }

    int length() {
        return bytes.length;
    }

    /** Another number whenever another content was read. */
    int generation() {
        return generation;
    }

    int byteAt(int offset) {
        return Byte.toUnsignedInt(bytes[offset]);
    }

    /** Somebody has changed it: it is read again before it is believed again. */
    void outdate() {
        outdated = true;
    }

    /** Reads it again when it is known to be out of date. */
    void bringUpToDate() throws VhostUserException {
        if (outdated) {
            readAgain();
        }
    }

    /** Asks when it is old, and takes the answer when it is there. Does not wait for it. */
    void tick(long nowNanos) throws VhostUserException {
        if (asked) {
            if (stream.connection().hasArrivals()) {
                settle();
            } else if (nowNanos - askedAt >= Patience.ANSWER.toNanos()) {
                throw stream.trouble(
                        Kind.SILENT,
                        Request.GET_CONFIG.name(),
                        "the back-end did not answer within %d s".formatted(Patience.ANSWER.toSeconds()),
                        "let it go on if it is stopped, or start it again");
            }
        } else if (stream.connection().hasArrivals()) {
            throw stream.broken("connection", "the back-end says something that nobody asked for");
        } else if (bytes.length > 0 && nowNanos - askedAt >= MOST_AGE_NANOS) {
            ask(nowNanos);
        }
    }

    /** Takes the answer that is still to come, so that something else can be asked. */
    void settle() throws VhostUserException {
        if (asked) {
            asked = false;
            take(stream.answer(Request.GET_CONFIG, 0, PREFIX_BYTES + bytes.length, stream.in(Patience.ANSWER)));
        }
    }

    private void readAgain() throws VhostUserException {
        settle();
        outdated = false;
        if (bytes.length > 0) {
            ask(stream.in(java.time.Duration.ZERO));
            settle();
        }
    }

    private void ask(long nowNanos) throws VhostUserException {
        ByteBuffer payload = stream.compose().putInt(0).putInt(bytes.length).putInt(0);
        for (int i = 0; i < bytes.length; i++) {
            payload.put((byte) 0);
        }
        stream.post(Request.GET_CONFIG);
        asked = true;
        askedAt = nowNanos;
    }

    /** "VHOST_USER_GET_CONFIG": as much as was asked for, or nothing, which is an error. */
    private void take(ByteBuffer answer) throws VhostUserException {
        if (answer.remaining() <= PREFIX_BYTES) {
            throw stream.trouble(
                    Kind.REFUSED,
                    Request.GET_CONFIG.name(),
                    "the back-end does not tell %d bytes of configuration".formatted(bytes.length),
                    "use a back-end whose configuration holds what it offers, or --withhold the features that need it");
        }
        int offset = answer.getInt();
        int size = answer.getInt();
        answer.getInt();
        if (offset != 0 || size != bytes.length || answer.remaining() != bytes.length) {
            throw stream.broken(
                    Request.GET_CONFIG.name(),
                    "%d bytes at 0 were asked for, and %d of %d at %d came"
                            .formatted(
                                    bytes.length,
                                    answer.remaining(),
                                    Integer.toUnsignedLong(size),
                                    Integer.toUnsignedLong(offset)));
        }
        boolean differs = false;
        for (int i = 0; i < bytes.length; i++) {
            byte now = answer.get();
            differs |= now != bytes[i];
            bytes[i] = now;
        }
        if (differs) {
            generation++;
        }
    }

    /** Writes one byte ("VHOST_USER_SET_CONFIG"). */
    void write(int offset, int value) throws VhostUserException {
        settle();
        stream.compose().putInt(offset).putInt(1).putInt(0).put((byte) value);
        stream.order(Request.SET_CONFIG);
        outdate();
    }
}
