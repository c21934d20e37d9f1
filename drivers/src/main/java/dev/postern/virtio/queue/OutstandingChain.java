package dev.postern.virtio.queue;

import java.util.List;

/**
 * A chain that the device has or will have, as the driver's own records have it.
 *
 * @param id its id
 * @param commit its number in the order of commits
 * @param shown whether the device was shown it
 * @param entries of the ring
 * @param writableBytes posted
 */
record OutstandingChain(int id, long commit, boolean shown, int entries, long writableBytes) {

    private static final int IDS_NAMED = 6;

    /** Whether both may stand in one line. */
    boolean isLike(OutstandingChain other) {
        return shown == other.shown && entries == other.entries && writableBytes == other.writableBytes;
    }

    /** One line about chains that are alike. */
    static String describe(List<OutstandingChain> alike) {
        OutstandingChain first = alike.getFirst();
        String each = "%s, %s, %d writable bytes"
                .formatted(
                        first.shown ? "shown" : "not shown yet",
                        first.entries == 1 ? "1 entry" : first.entries + " entries",
                        first.writableBytes);
        if (alike.size() == 1) {
            return "id %d: %s".formatted(first.id, each);
        }
        StringBuilder ids = new StringBuilder();
        for (OutstandingChain chain : alike.subList(0, Math.min(alike.size(), IDS_NAMED))) {
            ids.append(ids.isEmpty() ? "" : " ").append(chain.id);
        }
        return "ids %s%s: %d chains, each %s".formatted(ids, alike.size() > IDS_NAMED ? " …" : "", alike.size(), each);
    }
}
