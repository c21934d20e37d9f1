package dev.postern.cli;

/** How the command ended, for the shell. */
public final class ExitStatus {

    /** Done. */
    public static final int DONE = 0;

    /** The guest, a device or an application failed. */
    public static final int FAILED = 1;

    /** The call was wrong. */
    public static final int WRONG_CALL = 2;

    /** Ended by Ctrl-C, as shells count it. */
    public static final int INTERRUPTED = 130;

    private ExitStatus() {}
}
