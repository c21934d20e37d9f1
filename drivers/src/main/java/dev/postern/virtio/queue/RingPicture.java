package dev.postern.virtio.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The lines of a {@link RingDump} while it is drawn. */
final class RingPicture {

    /** Lines of a list that are shown before the rest is only counted. */
    private static final int MOST_OF_A_LIST = 12;

    private static final int WIDTH = 100;

    private final List<String> lines = new ArrayList<>();

    /** The first line. */
    void title(String text) {
        lines.add(text);
    }

    /** What the driver knows by itself. */
    void own(String label, String text) {
        add(label, text);
    }

    /** What lies where the device can write. */
    void said(String label, String text) {
        add(label + " *", text);
    }

    /** A list of what lies where the device can write, shown as far as is bearable. */
    void said(String label, int count, IntFunction<String> text, String rest) {
        for (int i = 0; i < Math.min(count, MOST_OF_A_LIST); i++) {
            said(label, text.apply(i));
        }
        if (count > MOST_OF_A_LIST) {
            said(label, "… and %d more %s".formatted(count - MOST_OF_A_LIST, rest));
        }
    }

    /** Draws the chains, those that follow each other and are alike in one line. */
    void chains(List<OutstandingChain> chains) {
        int shown = 0;
        int at = 0;
        while (at < chains.size() && shown < MOST_OF_A_LIST) {
            int end = at + 1;
            while (end < chains.size() && chains.get(end).isLike(chains.get(at))) {
                end++;
            }
            own("chain", OutstandingChain.describe(chains.subList(at, end)));
            shown++;
            at = end;
        }
        if (at < chains.size()) {
            own("chain", "… and %d more".formatted(chains.size() - at));
        }
    }

    /** The picture. */
    RingDump done() {
        lines.add("  * memory that the device can write, as it stands there; nothing of it was believed");
        return new RingDump(lines);
    }

    private void add(String label, String text) {
        String line = "  %-11s %s".formatted(label, text);
        lines.add(line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…");
    }
}
