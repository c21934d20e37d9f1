package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A device as written, such as {@code blk,file=disk.img,ro=on}, taken apart: a kind, and options as keys with values. A
 * doubled comma stands for a comma inside a value.
 *
 * @param whole as written
 * @param kind the first word
 * @param options in the order of the line
 */
record SpecText(String whole, String kind, SequencedMap<String, String> options) {

    /** Copies the map. */
    SpecText {
        options = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(options));
    }

    /**
     * Takes the text apart; what the words mean is not looked at.
     *
     * @throws WrongCallException when a part is empty or has no value, or a key occurs twice
     */
    static SpecText parse(String whole) {
        List<String> parts = parts(whole);
        SequencedMap<String, String> options = new LinkedHashMap<>();
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            if (part.isEmpty()) {
                throw wrong(whole, "an option is empty: remove a comma, or double one that belongs to a value");
            }
            if (equals <= 0) {
                throw wrong(whole, "'%s' is no option: write key=value, and ,, for a comma in a value".formatted(part));
            }
            String key = part.substring(0, equals);
            if (options.put(key, part.substring(equals + 1)) != null) {
                throw wrong(whole, "'%s' is given twice: give it once".formatted(key));
            }
        }
        return new SpecText(whole, parts.getFirst(), options);
    }

    /** Checks that all keys are known. */
    void allow(List<String> keys) {
        NameList known = NameList.of("option of " + kind, keys);
        for (String key : options.keySet()) {
            if (!keys.contains(key)) {
                throw wrong(whole, known.complaint(key));
            }
        }
    }

    /** An exception about this device; {@code what} completes the line. */
    WrongCallException wrong(String what) {
        return wrong(whole, what);
    }

    private static WrongCallException wrong(String whole, String what) {
        return new WrongCallException("--device %s: %s".formatted(whole, what));
    }

    /** Splits at single commas. Of an odd run of commas the last one splits, as in QEMU. */
    private static List<String> parts(String whole) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < whole.length(); i++) {
            char c = whole.charAt(i);
            if (c != ',') {
                part.append(c);
            } else if (i + 1 < whole.length() && whole.charAt(i + 1) == ',') {
                part.append(',');
                i++;
            } else {
                parts.add(part.toString());
                part.setLength(0);
            }
        }
        parts.add(part.toString());
        return parts;
    }
}
