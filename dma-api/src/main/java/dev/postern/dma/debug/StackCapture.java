package dev.postern.dma.debug;

import java.util.List;
import java.util.Set;

/** Whether a ledger records the stack of every map and unmap. It is the larger part of its cost. */
public enum StackCapture {
    /** Stacks are recorded, up to 16 frames each. */
    ON,
    /** Stacks are empty. */
    OFF;

    private static final int DEPTH = 16;
    private static final Set<String> OWN = Set.of(
            StackCapture.class.getName(),
            DmaLedger.class.getName(),
            AuditedContext.class.getName(),
            AuditedCoherentBuffer.class.getName());

    /** The stack of whoever called the audited context or the ledger, innermost frame first; empty when switched off. */
    List<StackTraceElement> capture() {
        if (this == OFF) {
            return List.of();
        }
        return StackWalker.getInstance()
                .walk(frames -> frames.dropWhile(f -> OWN.contains(f.getClassName()))
                        .limit(DEPTH)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList());
    }
}
