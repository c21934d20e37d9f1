package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the two sides of {@code bench vhost-blk} in turns.
 *
 * @param rounds how often both programs and the daemon are started anew, each time at the other's export; even
 * @param windows of each side, setting and round
 * @param warmups windows before, which do not count
 * @param millis of a window
 */
record VhostBlkPairs(int rounds, int windows, int warmups, int millis) {

    /** For figures. */
    static final VhostBlkPairs THOROUGH = new VhostBlkPairs(4, 6, 6, 500);

    /** For a first look. */
    static final VhostBlkPairs QUICK = new VhostBlkPairs(2, 3, 6, 250);

    private static final List<Integer> DEPTHS = List.of(1, VhostBlkSetting.MOST_DEPTH);

    /** How many steps a contest has. */
    int steps() {
        return rounds * VhostBlkWaiting.values().length;
    }

    /**
     * Measures one contest.
     *
     * @param image for a medium that needs one
     * @param step called before each of {@link #steps()}
     */
    VhostBlkResult measure(VhostBlkContest contest, VhostBlkCores cores, CompiledPeer c, Path image, Runnable step)
            throws IOException {
        Map<VhostBlkSetting, List<VhostBlkRun>> measured = new LinkedHashMap<>();
        Map<VhostBlkSetting, List<VhostBlkRun>> peer = new LinkedHashMap<>();
        VhostBlkPages pages = null;
        for (int round = 0; round < rounds; round++) {
            for (VhostBlkWaiting waiting : VhostBlkWaiting.values()) {
                step.run();
                try (VhostBlkDaemon daemon = VhostBlkDaemon.start(cores.daemon(), contest.medium(), image);
                        AskedProgram a = AskedProgram.start(cores.frontEnd()
                                .with(contest.measuredWords(daemon.sockets().get(round % 2), waiting)));
                        AskedProgram b = AskedProgram.start(cores.frontEnd()
                                .with(contest.peerWords(daemon.sockets().get(1 - round % 2), waiting, c)))) {
                    pages = new VhostBlkPages(a.hear()[0], b.hear()[0]);
                    for (int depth : DEPTHS) {
                        for (VhostBlkWork work : VhostBlkWork.values()) {
                            VhostBlkSetting setting = new VhostBlkSetting(waiting, work, depth);
                            pairs(
                                    setting,
                                    daemon,
                                    a,
                                    b,
                                    measured.computeIfAbsent(setting, key -> new ArrayList<>()),
                                    peer.computeIfAbsent(setting, key -> new ArrayList<>()));
                        }
                    }
                }
            }
        }
        List<VhostBlkRow> rows = new ArrayList<>();
        measured.forEach((setting, runs) -> rows.add(new VhostBlkRow(contest, setting, runs, peer.get(setting))));
        return new VhostBlkResult(rows, pages);
    }

    private void pairs(
            VhostBlkSetting setting,
            VhostBlkDaemon daemon,
            AskedProgram a,
            AskedProgram b,
            List<VhostBlkRun> measured,
            List<VhostBlkRun> peer)
            throws IOException {
        for (int i = 0; i < warmups; i++) {
            window(setting, daemon, a);
            window(setting, daemon, b);
        }
        for (int i = 0; i < windows; i++) {
            measured.add(window(setting, daemon, a));
            peer.add(window(setting, daemon, b));
        }
    }

    private VhostBlkRun window(VhostBlkSetting setting, VhostBlkDaemon daemon, AskedProgram program)
            throws IOException {
        double disturbed = daemon.waitedNanos() + CoreWait.stolenNanos();
        long[] answer = program.ask(setting.question(millis));
        return VhostBlkRun.of(answer, daemon.waitedNanos() + CoreWait.stolenNanos() - disturbed);
    }
}
