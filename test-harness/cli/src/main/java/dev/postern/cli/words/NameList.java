package dev.postern.cli.words;

import dev.postern.cli.WrongCallException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The names that are valid in one place of the command line.
 *
 * @param what what they name, in the singular, such as {@code machine}
 * @param names in the order in which they are shown
 */
public record NameList(String what, List<String> names) {

    /** Copies the names. */
    public NameList {
        names = List.copyOf(names);
    }

    /** The names of one kind of thing. */
    public static NameList of(String what, Collection<String> names) {
        return new NameList(what, List.copyOf(names));
    }

    /**
     * The word itself when it is one of the names.
     *
     * @throws WrongCallException when it is not; the message has the nearest name, if one is near, and all of them
     */
    public String require(String word) {
        if (!names.contains(word)) {
            throw new WrongCallException(complaint(word));
        }
        return word;
    }

    /** What to say about a word that is none of the names, in one line. */
    public String complaint(String word) {
        String hint = nearest(word).map(name -> "did you mean '" + name + "'? ").orElse("");
        String choices = names.isEmpty() ? "there are none here" : "choose from " + String.join(", ", names);
        return "no %s '%s': %s%s".formatted(what, word, hint, choices);
    }

    /** The name that was probably meant: at most a third of its letters are wrong, or the word begins it. */
    public Optional<String> nearest(String word) {
        Optional<String> best = Optional.empty();
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int distance = EditDistance.between(word.toLowerCase(java.util.Locale.ROOT), name);
            boolean begun = word.length() >= 3 && name.startsWith(word);
            if ((begun || distance <= Math.max(1, name.length() / 3)) && distance < least) {
                best = Optional.of(name);
                least = distance;
            }
        }
        return best;
    }
}
