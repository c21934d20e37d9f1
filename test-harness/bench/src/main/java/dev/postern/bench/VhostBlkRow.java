package dev.postern.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The windows of two programs in turns, each list in the order in which it was measured, and as long as the other.
 *
 * @param contest who ran
 * @param setting what was asked of both
 * @param measured of the program that is measured
 * @param peer of what it is put beside
 */
record VhostBlkRow(
        VhostBlkContest contest, VhostBlkSetting setting, List<VhostBlkRun> measured, List<VhostBlkRun> peer) {

    /** With fewer clean pairs than this, all of them count, for better or worse. */
    static final int ENOUGH = 3;

    /** Copies the lists. */
    VhostBlkRow {
        measured = List.copyOf(measured);
        peer = List.copyOf(peer);
    }

    /** How many pairs nobody disturbed in either window. */
    int cleanPairs() {
        return (int) IntStream.range(0, measured.size()).filter(this::clean).count();
    }

    private boolean clean(int pair) {
        return measured.get(pair).clean() && peer.get(pair).clean();
    }

    /** The pairs that count: the clean ones, or all when those are too few. */
    private int[] pairs() {
        boolean enough = cleanPairs() >= ENOUGH;
        return IntStream.range(0, measured.size())
                .filter(pair -> !enough || clean(pair))
                .toArray();
    }

    /** A figure of the program that is measured. */
    Quartiles measured(ToDoubleFunction<VhostBlkRun> figure) {
        return of(measured, figure);
    }

    /** A figure of what it is put beside. */
    Quartiles peer(ToDoubleFunction<VhostBlkRun> figure) {
        return of(peer, figure);
    }

    private Quartiles of(List<VhostBlkRun> runs, ToDoubleFunction<VhostBlkRun> figure) {
        return Quartiles.of(IntStream.of(pairs())
                .mapToObj(pair -> figure.applyAsDouble(runs.get(pair)))
                .toList());
    }

    /** The ratios of a figure of neighbours. */
    Quartiles ratio(ToDoubleFunction<VhostBlkRun> figure) {
        return Quartiles.of(IntStream.of(pairs())
                .mapToObj(pair -> figure.applyAsDouble(measured.get(pair)) / figure.applyAsDouble(peer.get(pair)))
                .toList());
    }
}
