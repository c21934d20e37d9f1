package dev.postern.machine;

/**
 * Remembers that the other side of a {@link Channel} has something to say, and ends {@link Cpu#halt}.
 *
 * <p><b>Memory order:</b> what the other side stored before it tripped the latch is seen after {@link #take} has returned true. A trip
 * after the last {@link #take} is never lost: the next {@link Cpu#halt} returns at once.
 */
public interface Latch extends AutoCloseable {

    /** To be passed to the other side; the latch's own, and open until it is closed. */
    int descriptor();

    /**
     * Whether it was tripped since the last call, as far as {@link Cpu#halt} or {@link Cpu#relax} has seen. A plain read, cheap enough for
     * every turn of a loop.
     */
    boolean take();

    /** Whether it is tripped now: asks the system. Takes the trip. */
    boolean look();

    /** Closes it. Safe to call twice; never throws. */
    @Override
    void close();
}
