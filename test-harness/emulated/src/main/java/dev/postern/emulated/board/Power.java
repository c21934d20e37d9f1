package dev.postern.emulated.board;

import dev.postern.machine.MachineDiedException;

/** Whether the machine still runs. */
public final class Power {

    private volatile boolean on = true;
    private volatile String lastWords;
    private volatile Throwable cause;

    /** Throws {@link MachineDiedException} once the machine was closed or has died. */
    public void check() {
        if (lastWords != null) {
            throw new MachineDiedException(lastWords, cause);
        }
        if (!on) {
            throw new MachineDiedException("the emulated machine was closed: build a new one", null);
        }
    }

    /**
     * The guest did something fatal: it will not run again. Whoever built the machine still closes it.
     *
     * @param what one line for a person; every later access throws it too
     * @return never; the type is for a caller that must return or throw something
     */
    public MachineDiedException die(String what) {
        lastWords = what;
        throw new MachineDiedException(what, null);
    }

    /** The machine itself failed, on whatever thread; every later access of the guest throws that. */
    void fail(String what, Throwable why) {
        cause = why;
        lastWords = what;
    }

    /** Switches off. Returns false when it was off already. */
    public boolean cut() {
        boolean was = on;
        on = false;
        return was;
    }
}
