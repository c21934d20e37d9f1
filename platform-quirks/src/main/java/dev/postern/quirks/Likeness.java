package dev.postern.quirks;

import java.util.Collection;
import java.util.Locale;

/** How much a word that is not known is like those that are. */
final class Likeness {

    private Likeness() {}

    /** The known word that is most like the given one; the first of several. */
    static String nearest(String word, Collection<String> known) {
        String given = word.toLowerCase(Locale.ROOT);
        String best = "";
        int most = Integer.MIN_VALUE;
        for (String one : known) {
            int likeness = between(one, given);
            if (likeness > most) {
                best = one;
                most = likeness;
            }
        }
        return best;
    }

    /** How many of the pairs of neighbouring letters of one word occur in the other, less the difference in length. */
    private static int between(String known, String given) {
        int pairs = 0;
        for (int i = 0; i + 1 < given.length(); i++) {
            pairs += known.contains(given.substring(i, i + 2)) ? 2 : 0;
        }
        return pairs - Math.abs(known.length() - given.length());
    }
}
