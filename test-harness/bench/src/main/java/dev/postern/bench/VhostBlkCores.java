package dev.postern.bench;

/**
 * Who runs where.
 *
 * @param frontEnd both front-ends, in turns
 * @param daemon the daemon
 */
record VhostBlkCores(PinnedCore frontEnd, PinnedCore daemon) {

    /** The last core and the first one that this process may use. */
    static VhostBlkCores choose() {
        return new VhostBlkCores(PinnedCore.last(), PinnedCore.first());
    }

    /** In words. */
    String words() {
        if (frontEnd.prefix().isEmpty()) {
            return "not pinned (no taskset)";
        }
        return frontEnd.number().equals(daemon.number())
                ? "all on the only core, " + frontEnd.number()
                : "front-ends on core %s, daemon on core %s".formatted(frontEnd.number(), daemon.number());
    }
}
