package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Features that a device shall offer or withhold, other than it would by itself.
 *
 * @param offered by name; true offers, false withholds
 */
public record FeatureChanges(SortedMap<String, Boolean> offered) {

    /** The device as its machine makes it. */
    public static final FeatureChanges NONE = new FeatureChanges(new TreeMap<>());

    private static final Pattern TERM = Pattern.compile("([+-])([A-Za-z0-9_]+)");

    /** Copies the map. */
    public FeatureChanges {
        offered = Collections.unmodifiableSortedMap(new TreeMap<>(offered));
    }

    /**
     * Reads changes such as {@code +access_platform-event_idx}. Names are the specification's, in lower case.
     *
     * @param names that a device of this type can have
     * @throws WrongCallException when the form is wrong, a name is unknown, or a feature is both offered and withheld
     */
    static FeatureChanges parse(String text, NameList names) {
        SortedMap<String, Boolean> changes = new TreeMap<>();
        Matcher term = TERM.matcher(text);
        int end = 0;
        while (term.find() && term.start() == end) {
            String name = names.require(term.group(2));
            boolean offer = term.group(1).equals("+");
            Boolean before = changes.put(name, offer);
            if (before != null && before != offer) {
                throw new WrongCallException(
                        "features=%s both offers and withholds '%s': say one of them".formatted(text, name));
            }
            end = term.end();
        }
        if (text.isEmpty() || end < text.length()) {
            throw new WrongCallException(
                    "features=%s: write + or - before each name, such as features=+access_platform-event_idx"
                            .formatted(text));
        }
        return new FeatureChanges(changes);
    }
}
