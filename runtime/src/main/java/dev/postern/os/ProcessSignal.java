package dev.postern.os;

import com.sun.jna.LastErrorException;

/**
 * Signals that the JDK cannot send. Apart from {@link ChildProcess}, so that a program which starts and ends others needs no native
 * library.
 */
enum ProcessSignal {
    /** Lets a process go on. */
    CONTINUE(18),
    /** Stops a process. */
    STOP(19);

    private final int number;

    ProcessSignal(int number) {
        this.number = number;
    }

    /** Sends it; nothing happens when the process has ended. */
    void send(ProcessHandle process) {
        // The handle knows the start time of its process, so that another with the same id later is not hit.
        if (process.isAlive()) {
            try {
                LibC.kill(Math.toIntExact(process.pid()), number);
            } catch (LastErrorException e) {
                // It has ended meanwhile.
            }
        }
    }
}
