package dev.postern.attach;

import dev.postern.machine.Channel;
import dev.postern.machine.ChannelConnection;
import dev.postern.machine.ChannelException;
import dev.postern.machine.Doorbell;
import dev.postern.machine.Latch;
import dev.postern.os.DescriptorSet;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** The channel to one back-end. What it gives out is remembered, so that it ends with the machine at the latest. */
final class BackendChannel implements Channel {

    /** Virtio's number of a block device. */
    private static final int BLOCK_DEVICE = 2;

    private final Backend backend;
    private final DescriptorSet descriptors;
    private final MachineEnd end;
    private final OpenThings connections = new OpenThings();
    private final OpenThings events = new OpenThings();

    BackendChannel(Backend backend, DescriptorSet descriptors, MachineEnd end) {
        this.backend = backend;
        this.descriptors = descriptors;
        this.end = end;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public int deviceKind() {
        return BLOCK_DEVICE;
    }

    @Override
    public ChannelConnection connect(Duration limit) throws ChannelException {
        end.check();
        return watched(backend.connect(limit));
    }

    private ChannelConnection watched(UnixStream stream) throws ChannelException {
        try {
            return StreamConnection.over(stream, backend, descriptors, connections);
        } catch (IOException e) {
            throw noDescriptors(e);
        }
    }

    @Override
    public StreamPair openPair() throws ChannelException {
        end.check();
        UnixStream.Pair pair;
        try {
            pair = UnixStream.pair();
        } catch (IOException e) {
            throw noDescriptors(e);
        }
        try {
            return new StreamPair(watched(pair.one()), pair.other().descriptor());
        } catch (ChannelException e) {
            pair.other().close();
            throw e;
        }
    }

    private ChannelException noDescriptors(IOException e) {
        return new ChannelException(
                ChannelException.Reason.REFUSED, "%s: %s: raise ulimit -n".formatted(name(), e.getMessage()), e);
    }

    @Override
    public Latch latch() {
        end.check();
        try {
            return EventLatch.in(descriptors, events);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s: raise ulimit -n".formatted(name(), e.getMessage()), e);
        }
    }

    @Override
    public Doorbell doorbell() {
        end.check();
        try {
            return new EventDoorbell(events);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s: raise ulimit -n".formatted(name(), e.getMessage()), e);
        }
    }

    @Override
    public boolean powerCycle(Duration limit) {
        end.check();
        connections.closeAll();
        return backend.powerCycle(limit);
    }

    @Override
    public String condition() {
        return backend.condition();
    }

    /** Closes all that is still open of it. */
    void close() {
        connections.closeAll();
        events.closeAll();
    }
}
