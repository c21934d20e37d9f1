package dev.postern.dma.debug;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One finding of a ledger.
 *
 * @param kind what it is
 * @param device the audited context, as it calls itself
 * @param entry the mapping or buffer concerned, where it is known
 * @param call what the offending call said, such as {@code unmapped with TO_DEVICE}; may be empty
 * @param calledAt the stack of the offending call, innermost frame first; empty when stacks are switched off
 */
public record Violation(
        ViolationKind kind, String device, Optional<LedgerEntry> entry, String call, List<StackTraceElement> calledAt) {

    /** Takes an immutable copy of the stack. */
    public Violation {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(device);
        Objects.requireNonNull(entry);
        Objects.requireNonNull(call);
        calledAt = List.copyOf(calledAt);
    }

    /** The finding as text: one line, then the stacks where they are known. */
    public String message() {
        StringBuilder text = new StringBuilder();
        text.append("DMA: ").append(device).append(": ").append(kind.words());
        entry.ifPresent(e -> text.append(" [device address=0x%x] [size=%d bytes] [mapped with %s]"
                .formatted(e.deviceAddress(), e.length(), e.kind())));
        if (!call.isEmpty()) {
            text.append(" [").append(call).append(']');
        }
        entry.ifPresent(e -> stack(text, "mapped at:", e.mappedAt()));
        stack(text, "called at:", calledAt);
        return text.toString();
    }

    private static void stack(StringBuilder text, String title, List<StackTraceElement> frames) {
        if (!frames.isEmpty()) {
            text.append("\n  ").append(title);
            frames.forEach(frame -> text.append("\n    ").append(frame));
        }
    }

    @Override
    public String toString() {
        return message();
    }
}
