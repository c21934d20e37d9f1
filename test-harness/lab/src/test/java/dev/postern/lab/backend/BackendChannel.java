package dev.postern.lab.backend;

import dev.postern.os.MemoryFile;
import dev.postern.os.OpenDescriptors;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** The stream over which the back-end asks something of the front-end (vhost-user, Back-end communication). Used by one thread. */
final class BackendChannel {

    private static final int CONFIG_CHANGE = 2;
    private static final int UNKNOWN = 77;

    private final UnixStream stream;
    private final Consumer<String> complain;
    private boolean open = true;
    private int awaited;
    private int answers;

    BackendChannel(UnixStream stream, Consumer<String> complain) {
        this.stream = stream;
        this.complain = complain;
    }

    int descriptor() {
        return stream.descriptor();
    }

    /** How many requests the front-end has acknowledged. */
    int answers() {
        return answers;
    }

    /** Says that the configuration has changed. */
    void tellConfigChange(boolean acknowledged) throws IOException {
        int flags = Message.VERSION | (acknowledged ? Message.NEED_REPLY : 0);
        awaited += acknowledged ? 1 : 0;
        send(MessageStream.rawHeader(CONFIG_CHANGE, flags, 0), List.of());
    }

    /** Does one of the things that a script has for it. */
    void misbehave(DataDeed deed) throws IOException {
        switch (deed) {
            case UNKNOWN_BACKEND_REQUEST -> send(MessageStream.rawHeader(UNKNOWN, Message.VERSION, 0), List.of());
            case OVERSIZED_BACKEND_REQUEST ->
                send(MessageStream.rawHeader(CONFIG_CHANGE, Message.VERSION, MessageStream.hugeSize()), List.of());
            case HALF_BACKEND_REQUEST ->
                send(
                        Arrays.copyOf(MessageStream.rawHeader(CONFIG_CHANGE, Message.VERSION, 0), Message.HEADER / 2),
                        List.of());
            case DESCRIPTOR_ON_BACKEND_CHANNEL -> {
                try (MemoryFile file = MemoryFile.create("postern-script", 4096)) {
                    send(MessageStream.rawHeader(CONFIG_CHANGE, Message.VERSION, 0), List.of(file.descriptor()));
                }
            }
            case CLOSE_BACKEND_CHANNEL -> close();
            default -> throw new IllegalArgumentException(deed + " is not done over this channel");
        }
    }

    private void send(byte[] bytes, List<Integer> descriptors) throws IOException {
        if (open) {
            MessageStream.sendRaw(stream, bytes, descriptors);
        }
    }

    /** Takes what the front-end has answered. */
    void receive() throws IOException {
        while (open && stream.hasArrivals()) {
            ByteBuffer answer = ByteBuffer.allocate(Message.HEADER + Long.BYTES).order(ByteOrder.nativeOrder());
            int[] descriptors = stream.receive(answer, System.nanoTime() + 1_000_000_000L);
            Arrays.stream(descriptors).forEach(OpenDescriptors::close);
            if (awaited == 0) {
                complain.accept("an answer over the back-end's channel to nothing that was asked");
            } else if (answer.getInt(0) != CONFIG_CHANGE
                    || answer.getInt(4) != (Message.VERSION | Message.REPLY)
                    || answer.getInt(8) != Long.BYTES
                    || descriptors.length != 0) {
                complain.accept("a malformed answer over the back-end's channel: request %d, flags 0x%x, %d bytes"
                        .formatted(answer.getInt(0), answer.getInt(4), answer.getInt(8)));
            } else {
                awaited--;
                answers++;
            }
        }
    }

    void close() {
        if (open) {
            open = false;
            stream.close();
        }
    }
}
