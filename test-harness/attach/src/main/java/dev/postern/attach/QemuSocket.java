package dev.postern.attach;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A stream to QEMU on which no wait is without a bound.
 *
 * <p>Used by one thread at a time; {@link #close()} from another thread ends a wait with an exception.
 */
final class QemuSocket implements AutoCloseable {

    /** How long QEMU may take to read or to answer before it is given up. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * How often to look before sleeping in the system. An answer takes about 10 µs when QEMU is awake, and a sleep costs
     * more than that; but a spin that is long takes the processor that QEMU needs.
     */
    private static final int LOOKS_BEFORE_SLEEP = 20;

    private final SocketChannel channel;
    private final Duration patience;
    private final Selector selector;
    private final SelectionKey key;

    /**
     * Takes over the channel: it is closed with this, also when this constructor fails.
     *
     * @param channel connected
     * @param patience what to use for the bound of each wait
     */
    QemuSocket(SocketChannel channel, Duration patience) throws IOException {
        this.channel = channel;
        this.patience = patience;
        try {
            channel.configureBlocking(false);
            selector = Selector.open();
            key = channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends all that remains in the buffer. */
    void write(ByteBuffer bytes) throws IOException {
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
            long deadline = deadline();
            while (bytes.hasRemaining()) {
                sleep(deadline, "read what was sent to it");
                channel.write(bytes);
            }
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    /**
     * Reads what has come, without waiting.
     *
     * @return how many bytes; may be 0
     */
    int readNow(ByteBuffer into) throws IOException {
        int count = channel.read(into);
        if (count < 0) {
            throw new EOFException("QEMU closed the connection");
        }
        return count;
    }

    /** Waits until something has come, for as long as patience lasts, and reads it. */
    void read(ByteBuffer into) throws IOException {
        for (int look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
            if (readNow(into) > 0) {
                return;
            }
            Thread.onSpinWait();
        }
        long deadline = deadline();
        while (readNow(into) == 0) {
            sleep(deadline, "answer");
        }
    }

    private long deadline() {
        return System.nanoTime() + patience.toNanos();
    }

    private void sleep(long deadline, String what) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("QEMU did not %s for %d ms".formatted(what, patience.toMillis()));
        }
        // In an interrupted thread this returns at once, and the loop around it becomes a spin with the same bound.
        selector.select(left / 1_000_000 + 1);
        selector.selectedKeys().clear();
    }

    @Override
    public void close() {
        try (Selector _ = selector;
                SocketChannel _ = channel) {
            selector.wakeup();
        } catch (IOException e) {
            // Nothing is left to be sent, so nothing can be lost; the descriptor is free in any case.
        }
    }
}
