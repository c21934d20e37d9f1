package dev.postern.interrupt;

import dev.postern.machine.Cpu;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Latch;
import dev.postern.memory.DevicePages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Where all interrupts end: it finds what is latched and runs the handlers, when asked to.
 *
 * <p>A device only latches. {@link #poll()} and {@link #await} run handlers on the calling thread and nothing else does,
 * so a handler never interrupts another, nor a register access. A handler that calls back into poll or await is refused.
 *
 * <p><b>Threads:</b> one thread, the guest's. <b>Ownership:</b> whoever makes the router closes it, after all devices
 * are reset, because its pages are what they store their messages to.
 */
public final class InterruptRouter implements AutoCloseable {

    /**
     * How many looks in a row may find a line held and nobody's before it is masked. A level needs some time to drop
     * after its device was served; a thousand turns is ample for that and short enough not to hang the guest.
     */
    public static final int UNHANDLED_LIMIT = 1000;

    private final Cpu cpu;
    private final Optional<InterruptLines> lines;
    private final Mailboxes mailboxes;
    /** Copy on write: a handler may open or close vectors during a poll. */
    private final List<MessageVector> messages = new CopyOnWriteArrayList<>();

    private final Map<Integer, SharedLine> shared = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private List<SharedLine> watched = List.of();
    /** Copied on write too; an array, because a guest that waits for a process goes through it twice a request. */
    private LatchVector[] latches = {};

    private boolean serving;

    /**
     * Starts with no vectors.
     *
     * @param cpu waits and tells the time
     * @param lines the interrupt controller's inputs, where the machine shows them
     * @param pages where the pages of mailbox slots come from; devices write there
     */
    public InterruptRouter(Cpu cpu, Optional<InterruptLines> lines, DevicePages pages) {
        this.cpu = cpu;
        this.lines = lines;
        this.mailboxes = new Mailboxes(pages);
    }

    /**
     * Opens a message-signalled interrupt. Its slot may lie anywhere in RAM, above 4 GiB too.
     *
     * @param name for the log and the counters
     * @param handler runs in {@link #poll()} and {@link #await}
     */
    public MessageVector openMessage(String name, InterruptHandler handler) {
        MessageVector vector = new MessageVector(this, name, handler, mailboxes.take());
        messages.add(vector);
        return vector;
    }

    /**
     * Joins an interrupt line.
     *
     * @param gsi global system interrupt, below the machine's count
     * @param name for the log and the counters
     * @param handler runs while the line is held, in {@link #poll()} and {@link #await}
     * @throws IllegalStateException if this machine shows no lines
     * @throws IllegalArgumentException if it has no such line
     */
    public LineVector openLine(int gsi, String name, LineHandler handler) {
        InterruptLines inputs = lines.orElseThrow(() -> new IllegalStateException(
                "%s: this machine shows no interrupt lines: use MSI-X or polling".formatted(name)));
        if (gsi < 0 || gsi >= inputs.count()) {
            throw new IllegalArgumentException("%s: there is no interrupt line %d, they are numbered 0 to %d"
                    .formatted(name, gsi, inputs.count() - 1));
        }
        SharedLine line = shared.computeIfAbsent(gsi, SharedLine::new);
        LineVector vector = new LineVector(line, name, handler);
        line.join(vector);
        watched = List.copyOf(shared.values());
        return vector;
    }

    /**
     * Joins a latch that a process behind a channel trips.
     *
     * @param latch the opener's, and no other vector's; closed after the vector
     * @param name for the log and the counters
     * @param handler runs in {@link #poll()} and {@link #await}
     */
    public LatchVector openLatch(Latch latch, String name, InterruptHandler handler) {
        LatchVector vector = new LatchVector(this, latch, name, handler);
        latches = Arrays.copyOf(latches, latches.length + 1);
        latches[latches.length - 1] = vector;
        return vector;
    }

    /**
     * Runs the handlers of what is latched now, each at most once.
     *
     * @return whether a message or a latch was served or a line handled; a line that nobody claimed does not count
     * @throws IllegalStateException when called by a handler
     */
    public boolean poll() {
        if (serving) {
            throw new IllegalStateException(
                    "a handler must not poll or wait for interrupts: mark the work ready and return");
        }
        serving = true;
        try {
            boolean ran = false;
            for (MessageVector vector : messages) {
                ran |= vector.serve();
            }
            for (SharedLine line : watched) {
                ran |= serve(line);
            }
            for (LatchVector vector : latches) {
                ran |= vector.serve();
            }
            return ran;
        } finally {
            serving = false;
        }
    }

    /**
     * Waits until a handler has run or the deadline has passed. It looks at least once, even with a deadline in the
     * past.
     *
     * @param deadlineNanos on the clock of {@link Cpu#nanoTime()}
     * @return whether a handler ran, as {@link #poll()}
     */
    public boolean await(long deadlineNanos) {
        while (true) {
            if (poll()) {
                return true;
            }
            // A difference, because the clock's origin is arbitrary and it may wrap.
            if (deadlineNanos - cpu.nanoTime() <= 0) {
                return false;
            }
            cpu.halt(deadlineNanos);
        }
    }

    /** Lines that were given up, one line of text each, oldest first. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /** The open message vectors, for their counters. */
    public List<MessageVector> messages() {
        return List.copyOf(messages);
    }

    /** The open line vectors, for their counters; by ascending line. */
    public List<LineVector> lines() {
        return shared.values().stream().flatMap(line -> line.vectors().stream()).toList();
    }

    /** The open latch vectors, for their counters. */
    public List<LatchVector> latches() {
        return List.of(latches);
    }

    private boolean serve(SharedLine line) {
        if (line.masked() || line.unused()) {
            return false;
        }
        if (!lines.orElseThrow().asserted(line.gsi())) {
            line.dropped();
            return false;
        }
        boolean handled = line.serve();
        if (line.giveUpAfter(UNHANDLED_LIMIT)) {
            problems.add("interrupt line %d is masked: it was held %d times in a row and none of %s had raised it"
                    .formatted(line.gsi(), UNHANDLED_LIMIT, line.names()));
        }
        return handled;
    }

    void closed(MessageVector vector, MailboxSlot slot) {
        messages.remove(vector);
        mailboxes.giveBack(slot);
    }

    void closed(LatchVector vector) {
        latches = Arrays.stream(latches).filter(open -> open != vector).toArray(LatchVector[]::new);
    }

    /**
     * Closes all vectors of messages and latches and gives the mailbox pages back; no device may send a message any more. Latches stay
     * their openers'.
     */
    @Override
    public void close() {
        latches().forEach(LatchVector::close);
        List.copyOf(messages).forEach(MessageVector::close);
        mailboxes.close();
    }
}
