package dev.postern.attach;

import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Latch;
import dev.postern.os.DescriptorSet;
import dev.postern.os.OpenDescriptors;
import dev.postern.os.Readiness;
import dev.postern.os.StreamException;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A connection over a stream socket, watched by the CPU; what goes wrong is told with the back-end's condition and the remedy. */
final class StreamConnection implements ChannelConnection, OpenThings.Thing {

    private final Backend backend;
    private final UnixStream stream;
    private final Arrivals arrivals;
    private final OpenThings owner;

    private StreamConnection(Backend backend, UnixStream stream, Arrivals arrivals, OpenThings owner) {
        this.owner = owner;
        this.backend = backend;
        this.stream = stream;
        this.arrivals = arrivals;
    }

    /**
     * Takes a stream over, which it closes, also when this fails.
     *
     * @throws IOException when the system cannot watch one more
     */
    static StreamConnection over(UnixStream stream, Backend backend, DescriptorSet descriptors, OpenThings owner)
            throws IOException {
        try {
            Readiness readiness = descriptors.add(stream.descriptor());
            StreamConnection connection =
                    new StreamConnection(backend, stream, new Arrivals(descriptors, stream, readiness), owner);
            owner.add(connection);
            return connection;
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    @Override
    public void send(ByteBuffer bytes, int[] descriptors, long deadlineNanos) throws ChannelException {
        try {
            stream.send(bytes, descriptors, deadlineNanos);
        } catch (IOException e) {
            throw told(e);
        }
    }

    @Override
    public int[] receive(ByteBuffer into, long deadlineNanos) throws ChannelException {
        try {
            return stream.receive(into, deadlineNanos);
        } catch (IOException e) {
            throw told(e);
        }
    }

    private ChannelException told(IOException e) {
        ChannelException.Reason reason = e instanceof StreamException trouble
                ? switch (trouble.reason()) {
                    case TOO_LATE -> ChannelException.Reason.TOO_LATE;
                    case MALFORMED -> ChannelException.Reason.MALFORMED;
                    case ABSENT, NOBODY_LISTENS, NOT_PERMITTED, HUNG_UP -> ChannelException.Reason.HUNG_UP;
                }
                : ChannelException.Reason.MALFORMED;
        return new ChannelException(
                reason,
                "%s: %s; %s: %s".formatted(backend.name(), e.getMessage(), backend.condition(), backend.remedy()),
                e);
    }

    @Override
    public boolean hasArrivals() {
        return stream.hasArrivals();
    }

    @Override
    public boolean hungUp() {
        return stream.hungUp();
    }

    @Override
    public Latch arrivals() {
        return arrivals;
    }

    @Override
    public void finish() {
        stream.finish();
    }

    @Override
    public void closeDescriptor(int descriptor) {
        OpenDescriptors.close(descriptor);
    }

    @Override
    public void close() {
        arrivals.close();
        stream.close();
        owner.remove(this);
    }

    /** Tripped by what comes; closing it leaves the stream open. */
    private record Arrivals(DescriptorSet descriptors, UnixStream stream, Readiness readiness) implements Latch {

        @Override
        public int descriptor() {
            return stream.descriptor();
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
        }
    }
}
