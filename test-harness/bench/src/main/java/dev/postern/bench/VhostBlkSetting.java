package dev.postern.bench;

/**
 * What one row of {@code bench vhost-blk} asks for; requests are of one block at random places.
 *
 * @param waiting how the front-ends wait
 * @param work what they ask for
 * @param depth how many requests are in flight
 */
record VhostBlkSetting(VhostBlkWaiting waiting, VhostBlkWork work, int depth) {

    /** Bytes of a request. */
    static final int BLOCK = 4096;

    /** The most requests in flight. */
    static final int MOST_DEPTH = 64;

    /** What either program is asked, for a window of so many milliseconds. */
    String question(int millis) {
        return "%s %d %d".formatted(work.word(), depth, millis);
    }
}
