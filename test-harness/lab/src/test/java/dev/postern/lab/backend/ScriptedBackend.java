package dev.postern.lab.backend;

import dev.postern.os.DescriptorSet;
import dev.postern.os.StreamException;
import dev.postern.os.UnixListener;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;

/**
 * A vhost-user back-end in this JVM that serves a disk at a socket, one front-end after the other, and does what its script says.
 *
 * <p><b>Ownership:</b> whoever opens it closes it. <b>Threads:</b> it has one of its own; its methods are safe from any.
 */
public final class ScriptedBackend implements AutoCloseable {

    private static final Duration LOOK = Duration.ofMillis(20);

    /** What a test wants of a connection that is open. */
    sealed interface Wish {
        record Capacity(long sectors) implements Wish {}

        record GoOn() implements Wish {}

        record HangUp() implements Wish {}
    }

    private final Path path;
    private final DiskMemory disk;
    private final Script script;
    private final IntFunction<Offer> offers;
    private final long seed;
    private final BackendDiary diary = new BackendDiary();
    private final ConcurrentLinkedQueue<Wish> wishes = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final UnixListener listener;
    private final DescriptorSet waits;
    private final Thread thread;

    private ScriptedBackend(Path path, DiskMemory disk, IntFunction<Offer> offers, Script script, long seed)
            throws IOException {
        this.path = path;
        this.disk = disk;
        this.script = script;
        this.offers = offers;
        this.seed = seed;
        waits = DescriptorSet.open();
        try {
            listener = UnixListener.listen(path, 4);
        } catch (IOException e) {
            waits.close();
            throw e;
        }
        thread = Thread.ofPlatform().daemon().name("scripted back-end").start(this::run);
    }

    /** Opens one that offers the same over every connection. */
    public static ScriptedBackend listen(Path path, DiskMemory disk, Offer offer, Script script, long seed)
            throws IOException {
        return listen(path, disk, _ -> offer, script, seed);
    }

    /**
     * Opens one.
     *
     * @param path of its socket; must not exist
     * @param disk what it serves
     * @param offers what it offers over each connection, by the number of the connection from 0
     * @param script what it does wrong
     * @param seed of the order in which requests are served
     */
    public static ScriptedBackend listen(
            Path path, DiskMemory disk, IntFunction<Offer> offers, Script script, long seed) throws IOException {
        return new ScriptedBackend(path, disk, offers, script, seed);
    }

    private void run() {
        for (int number = 0; !closed(); number++) {
            try (UnixStream stream = accept()) {
                if (stream == null) {
                    return;
                }
                diary.connected();
                try (BackendSession session =
                        new BackendSession(number, stream, offers.apply(number), disk, script, diary, waits, seed)) {
                    session.serve(this);
                }
            } catch (IOException e) {
                diary.note("connection %d: %s".formatted(number, e.getMessage()));
            } catch (RuntimeException e) {
                // A fault of the back-end itself: it must not pass for one of the front-end.
                diary.violation("connection %d: the back-end failed: %s".formatted(number, e));
            }
        }
    }

    /** The next one who connects; null when this was closed. */
    private UnixStream accept() throws IOException {
        while (!closed()) {
            try {
                return listener.accept(LOOK);
            } catch (StreamException e) {
                if (e.reason() != StreamException.Reason.TOO_LATE) {
                    throw e;
                }
            }
        }
        return null;
    }

    boolean closed() {
        return closing.getCount() == 0;
    }

    void awaitClosing() {
        try {
            closing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Optional<Wish> nextWish() {
        return Optional.ofNullable(wishes.poll());
    }

    private void wish(Wish one) {
        wishes.add(one);
        waits.wake();
    }

    /** Where it listens. */
    public Path path() {
        return path;
    }

    /** What the front-end did against the protocol and what the guest did against the rules of rings and disks, one line each. */
    public List<String> violations() {
        return diary.violations();
    }

    /** After what it dropped connections, as QEMU's storage daemon would. */
    public List<String> panics() {
        return diary.panics();
    }

    /** What else happened. */
    public List<String> notes() {
        return diary.notes();
    }

    /** The names of the messages of a connection, in order. */
    public List<String> messages(int connection) {
        return diary.messages(connection);
    }

    /** How many front-ends have connected so far. */
    public int connections() {
        return diary.connections();
    }

    /** How many requests were given back. */
    public long answered() {
        return diary.answeredRequests();
    }

    /** How many kicks were seen; several may be seen as one. */
    public long kicks() {
        return diary.kicks();
    }

    /** How many requests of the back-end's own the front-end has acknowledged. */
    public int channelAnswers() {
        return diary.channelAnswers();
    }

    /** Whether memory that holds this guest address was ever given. */
    public boolean wasGiven(long guest) {
        return diary.regions().stream()
                .anyMatch(region -> Long.compareUnsigned(guest - region.guest(), region.size()) < 0);
    }

    /** Changes the capacity in the configuration of the open connection, and says so over the back-end's channel. */
    public void changeCapacity(long sectors) {
        wish(new Wish.Capacity(sectors));
    }

    /**
     * Waits until a stall has left so many requests.
     *
     * @return false when it has not within the limit, or the wait was interrupted
     */
    public boolean awaitHeld(int number, Duration limit) {
        try {
            return diary.awaitHeld(number, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Waits until there is a violation, a panic or a note.
     *
     * @return false when there is none within the limit, or the wait was interrupted
     */
    public boolean awaitTrouble(Duration limit) {
        try {
            return diary.awaitTrouble(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Serves what a stall has left. */
    public void goOn() {
        wish(new Wish.GoOn());
    }

    /** Hangs up on the front-end that is connected. */
    public void hangUp() {
        wish(new Wish.HangUp());
    }

    /** Hangs up, lets go of all memory and removes the socket. Safe to call twice. */
    @Override
    public void close() {
        closing.countDown();
        waits.wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        listener.close();
        waits.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
