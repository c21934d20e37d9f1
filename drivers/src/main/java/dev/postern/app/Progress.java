package dev.postern.app;

/** Is told how far long work has come. */
@FunctionalInterface
public interface Progress {

    /** Tells nobody. */
    Progress NONE = (task, done, total) -> {};

    /**
     * So much is done.
     *
     * @param task what is being worked on, such as {@code digest blk0}
     * @param done bytes, 0 to {@code total}; equal to it at the end
     * @param total bytes
     */
    void advance(String task, long done, long total);
}
