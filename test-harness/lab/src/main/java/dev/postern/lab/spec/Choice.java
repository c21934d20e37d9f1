package dev.postern.lab.spec;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * What can be named in one place.
 *
 * @param what it is, in the singular, such as {@code machine}
 * @param things in the order in which they are shown
 * @param name of each
 * @param <T> their type
 */
public record Choice<T>(String what, List<T> things, Function<T, String> name) {

    private static final int SHORTEST_BEGINNING = 3;

    /** Copies the list. */
    public Choice {
        things = List.copyOf(things);
    }

    /** A choice of words. */
    public static Choice<String> of(String what, Collection<String> words) {
        return new Choice<>(what, List.copyOf(words), Function.identity());
    }

    /**
     * The thing of a name.
     *
     * @throws WrongWordException when there is none; the message has the nearest name, if one is near, and all of them
     */
    public T named(String word) {
        return things.stream()
                .filter(thing -> name.apply(thing).equals(word))
                .findFirst()
                .orElseThrow(() -> new WrongWordException(complaint(word)));
    }

    private String complaint(String word) {
        String hint = nearest(word).map("did you mean '%s'? "::formatted).orElse("");
        List<String> names = things.stream().map(name).toList();
        String choices = names.isEmpty() ? "there are none here" : "choose from " + String.join(", ", names);
        return "no %s '%s': %s%s".formatted(what, word, hint, choices);
    }

    /** The name that was probably meant: few of its letters are wrong, or the word begins it. */
    private Optional<String> nearest(String word) {
        String small = word.toLowerCase(Locale.ROOT);
        String best = null;
        int least = Integer.MAX_VALUE;
        for (T thing : things) {
            String candidate = name.apply(thing);
            int slips = slips(small, candidate);
            boolean near = slips <= Math.max(1, candidate.length() / 3);
            boolean begun = small.length() >= SHORTEST_BEGINNING && candidate.startsWith(small);
            if ((near || begun) && slips < least) {
                least = slips;
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    /** How many letters have to be put in, left out, replaced or swapped with the next one to make one word the other. */
    private static int slips(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int other = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(cost[i - 1][j - 1] + other, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                boolean swapped = i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
                if (swapped) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[from.length()][to.length()];
    }
}
