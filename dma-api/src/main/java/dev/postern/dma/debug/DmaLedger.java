package dev.postern.dma.debug;

import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMisuseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The book of everything that is mapped through the contexts it audits, and of every call that does not fit.
 *
 * <p>A call that would do harm is noted and not passed on: an unmap or sync that does not fit its mapping, a second
 * close of a coherent buffer. Overlapping mappings are noted only. <b>Threads:</b> one ledger may audit contexts that
 * are used on any threads. The cost of a map grows with the number of live mappings, so it is no tool for measuring.
 */
public final class DmaLedger {

    /** How many ended entries are remembered, to tell a second unmap from an unknown token. */
    private static final int REMEMBERED = 4096;

    /** Warnings may come with every request, so only the first ones are kept. */
    private static final int MOST_WARNINGS = 256;

    private record Held(LedgerEntry entry, AuditedContext owner, long innerToken) {}

    private final StackCapture stacks;
    private final Map<Long, Held> live = new LinkedHashMap<>();
    private final Map<Long, Held> ended = new LinkedHashMap<>();
    private final List<Violation> violations = new ArrayList<>();
    private int warnings;
    private long sequence;

    /**
     * An empty ledger.
     *
     * @param stacks whether to record stacks
     */
    public DmaLedger(StackCapture stacks) {
        this.stacks = stacks;
    }

    /**
     * A context that passes everything on to another one and keeps this book about it. Its tokens are its own: a token
     * of one is not good for the other.
     *
     * @param context is used through the answer alone from now on, and closed by it
     */
    public DmaContext audit(DmaContext context) {
        return new AuditedContext(this, context);
    }

    /** What is mapped or allocated now, oldest first; a copy. */
    public synchronized List<LedgerEntry> live() {
        return live.values().stream().map(Held::entry).toList();
    }

    /** Everything found so far, oldest first, but no more than 256 warnings; a copy. */
    public synchronized List<Violation> violations() {
        return List.copyOf(violations);
    }

    /**
     * Asserts that nothing is live and no error was found. Warnings do not count.
     *
     * @throws DmaMisuseException with all messages, when that is not so
     */
    public synchronized void assertClean() {
        List<String> messages = new ArrayList<>();
        for (Violation violation : violations) {
            if (violation.kind().severity() == ViolationKind.Severity.ERROR) {
                messages.add(violation.message());
            }
        }
        for (Held held : live.values()) {
            messages.add(new Violation(
                            leakOf(held.entry()),
                            held.entry().device(),
                            Optional.of(held.entry()),
                            "the context is still open",
                            List.of())
                    .message());
        }
        if (!messages.isEmpty()) {
            throw new DmaMisuseException("the DMA ledger is not clean, %d findings:%n%s"
                    .formatted(messages.size(), String.join(System.lineSeparator(), messages)));
        }
    }

    /** Notes a mapping and answers with its token. */
    synchronized long mapped(
            AuditedContext owner, long innerToken, long pa, long dva, long length, DmaDirection direction) {
        LedgerEntry.Streaming entry =
                new LedgerEntry.Streaming(++sequence, owner.toString(), pa, dva, length, direction, stacks.capture());
        for (Held held : live.values()) {
            if (held.entry() instanceof LedgerEntry.Streaming other) {
                Overlap.between(entry, other).ifPresent(kind -> note(kind, owner, entry, "also " + brief(other)));
            }
        }
        live.put(entry.sequence(), new Held(entry, owner, innerToken));
        return entry.sequence();
    }

    /** Notes a coherent buffer and answers with its token. */
    synchronized long allocated(AuditedContext owner, long dva, long length) {
        LedgerEntry entry = new LedgerEntry.Coherent(++sequence, owner.toString(), dva, length, stacks.capture());
        live.put(entry.sequence(), new Held(entry, owner, 0));
        return entry.sequence();
    }

    /** The inner token of a live mapping of this context, or null with the violation noted. */
    synchronized Long lookUp(AuditedContext owner, long token, ViolationKind otherwise) {
        Held held = live.get(token);
        if (streamingOf(owner, held) == null) {
            noteUnknown(otherwise, owner, token);
            return null;
        }
        return held.innerToken();
    }

    /** The inner token of a live mapping that has this range, or null with the violation noted. */
    synchronized Long synced(AuditedContext owner, long token, long offset, long length) {
        Long inner = lookUp(owner, token, ViolationKind.SYNC_UNMAPPED);
        if (inner == null) {
            return null;
        }
        LedgerEntry entry = live.get(token).entry();
        if (offset < 0 || length < 0 || offset > entry.length() - length) {
            note(
                    ViolationKind.SYNC_OUT_OF_RANGE,
                    owner,
                    entry,
                    "synced with offset %d, size %d".formatted(offset, length));
            return null;
        }
        return inner;
    }

    /** Ends a mapping and answers with its inner token, or null with the violation noted. */
    synchronized Long unmapped(AuditedContext owner, long token, long length, DmaDirection direction, long written) {
        LedgerEntry.Streaming entry = streamingOf(owner, live.get(token));
        if (entry == null) {
            noteUnknown(ViolationKind.UNKNOWN_TOKEN, owner, token);
            return null;
        }
        if (length != entry.length()) {
            note(ViolationKind.WRONG_SIZE, owner, entry, "unmapped with size %d".formatted(length));
            return null;
        }
        if (direction != entry.direction()) {
            note(ViolationKind.WRONG_DIRECTION, owner, entry, "unmapped with " + direction);
            return null;
        }
        if (written < 0 || written > (direction.deviceWrites() ? length : 0)) {
            note(ViolationKind.WRITTEN_OUT_OF_RANGE, owner, entry, "unmapped with %d bytes written".formatted(written));
            return null;
        }
        return end(token).innerToken();
    }

    /** Ends a mapping that is given up, which is no leak, and answers with its inner token, or null with the violation noted. */
    synchronized Long quarantined(AuditedContext owner, long token, long length) {
        Long inner = lookUp(owner, token, ViolationKind.QUARANTINE_UNMAPPED);
        if (inner == null) {
            return null;
        }
        LedgerEntry entry = live.get(token).entry();
        if (length != entry.length()) {
            note(ViolationKind.WRONG_SIZE, owner, entry, "quarantined with size %d".formatted(length));
            return null;
        }
        end(token);
        return inner;
    }

    /** Ends a coherent buffer; whether it was open, else the violation is noted. */
    synchronized boolean freed(AuditedContext owner, long token) {
        if (live.containsKey(token)) {
            end(token);
            return true;
        }
        note(ViolationKind.COHERENT_CLOSED_TWICE, owner, entryOf(ended.get(token)), "");
        return false;
    }

    /** Notes everything of this context that is left, and ends it. */
    synchronized void closed(AuditedContext owner) {
        List<Held> left =
                live.values().stream().filter(held -> held.owner() == owner).toList();
        for (Held held : left) {
            note(leakOf(held.entry()), owner, held.entry(), "");
            end(held.entry().sequence());
        }
    }

    private Held end(long token) {
        Held held = live.remove(token);
        ended.put(token, held);
        if (ended.size() > REMEMBERED) {
            ended.remove(ended.keySet().iterator().next());
        }
        return held;
    }

    private void noteUnknown(ViolationKind kind, AuditedContext owner, long token) {
        LedgerEntry.Streaming before = streamingOf(owner, ended.get(token));
        boolean twice = before != null && kind == ViolationKind.UNKNOWN_TOKEN;
        note(twice ? ViolationKind.DOUBLE_UNMAP : kind, owner, before, "token 0x%x".formatted(token));
    }

    private void note(ViolationKind kind, AuditedContext owner, LedgerEntry entry, String call) {
        if (kind.severity() == ViolationKind.Severity.WARNING && warnings++ >= MOST_WARNINGS) {
            return;
        }
        violations.add(new Violation(kind, owner.toString(), Optional.ofNullable(entry), call, stacks.capture()));
    }

    private static LedgerEntry.Streaming streamingOf(AuditedContext owner, Held held) {
        return held != null && held.owner() == owner && held.entry() instanceof LedgerEntry.Streaming streaming
                ? streaming
                : null;
    }

    private static LedgerEntry entryOf(Held held) {
        return held == null ? null : held.entry();
    }

    private static ViolationKind leakOf(LedgerEntry entry) {
        return switch (entry) {
            case LedgerEntry.Streaming _ -> ViolationKind.LEAK;
            case LedgerEntry.Coherent _ -> ViolationKind.COHERENT_LEAK;
        };
    }

    private static String brief(LedgerEntry.Streaming entry) {
        return "mapped for %s, device address=0x%x, size=%d bytes, with %s"
                .formatted(entry.device(), entry.deviceAddress(), entry.length(), entry.direction());
    }
}
