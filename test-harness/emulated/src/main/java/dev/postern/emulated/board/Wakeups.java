package dev.postern.emulated.board;

/** Remembers that an interrupt was latched since the CPU last woke: what ends a halt. */
public final class Wakeups {

    private boolean latched;

    /** Notes that a message was written or a line was raised. */
    public void note() {
        latched = true;
    }

    /** Whether an interrupt was latched since the last call that said so; forgets it. */
    boolean take() {
        boolean was = latched;
        latched = false;
        return was;
    }
}
