package dev.postern.bench;

/** How full the pool is while a benchmark runs. */
public enum PoolFill {
    /** Nothing but the benchmark's own mapping. */
    EMPTY,
    /** One free slot for each thread. */
    NEARLY_FULL
}
