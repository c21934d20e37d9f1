package dev.postern.emulated.platform;

import dev.postern.machine.PrivilegedActs.Caching;

/** The CPU's caches, as its maintenance instructions and page tables reach them. Ranges do not wrap and lie in RAM. */
interface Caches {

    /** Where all devices are snooped, nothing of it can be noticed. */
    Caches UNNOTICEABLE = new Caches() {
        @Override
        public void clean(long pa, long length) {
            // Whoever looks finds the newest content already.
        }

        @Override
        public void invalidate(long pa, long length) {
            // A device's store has discarded the line already, and the CPU's own store went through the same line.
        }

        @Override
        public void map(long basePa, long length, Caching caching) {
            // One content, whichever way the CPU reaches it.
        }
    };

    /** Writes every line that a range touches back. */
    void clean(long pa, long length);

    /** Discards every line that a range touches. */
    void invalidate(long pa, long length);

    /** Whole pages are reached in another way. */
    void map(long basePa, long length, Caching caching);
}
