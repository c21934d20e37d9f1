package dev.postern.emulated.board;

import dev.postern.machine.MachineDiedException;

/** Whether the machine still runs. */
public final class Power {

    private boolean on = true;

    /** Throws {@link MachineDiedException} once the machine was closed. */
    public void check() {
        if (!on) {
            throw new MachineDiedException("the emulated machine was closed: build a new one", null);
        }
    }

    /** Switches off. Returns false when it was off already. */
    public boolean cut() {
        boolean was = on;
        on = false;
        return was;
    }
}
