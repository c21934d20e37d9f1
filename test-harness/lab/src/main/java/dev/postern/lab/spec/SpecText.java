package dev.postern.lab.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * A device as written, taken apart: a kind, and options as keys with values. A doubled comma stands for a comma inside a value, as
 * with QEMU.
 *
 * @param whole as written
 * @param kind the first word
 * @param options as written
 */
record SpecText(String whole, String kind, SequencedMap<String, String> options) {

    /** Stands for a doubled comma while the text is split; no device text can have it. */
    private static final String COMMA = "\0";

    /** Copies the map. */
    SpecText {
        options = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(options));
    }

    /**
     * Takes a text apart; what the words mean is not looked at.
     *
     * @throws WrongWordException when a part is no option, or a key occurs twice
     */
    static SpecText of(String whole) {
        List<String> parts = new ArrayList<>();
        for (String part : whole.replace(",,", COMMA).split(",", -1)) {
            parts.add(part.replace(COMMA, ","));
        }
        SequencedMap<String, String> options = new LinkedHashMap<>();
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            if (part.isEmpty()) {
                throw wrong(whole, "an option is empty: remove a comma, or double one that belongs to a value");
            }
            if (equals <= 0) {
                throw wrong(whole, "'%s' is no option: write key=value, and ,, for a comma in a value".formatted(part));
            }
            if (options.put(part.substring(0, equals), part.substring(equals + 1)) != null) {
                throw wrong(whole, "'%s' is given twice: give it once".formatted(part.substring(0, equals)));
            }
        }
        return new SpecText(whole, parts.getFirst(), options);
    }

    /** Checks that all keys are known. */
    void allow(List<String> keys) {
        Choice<String> known = Choice.of("option of " + kind, keys);
        for (String key : options.keySet()) {
            said(() -> known.named(key));
        }
    }

    /** The value of an option that is a switch and is there. */
    boolean onOrOff(String key) {
        Choice<String> words = Choice.of("setting of %s=".formatted(key), List.of("on", "off"));
        return said(() -> words.named(options.get(key))).equals("on");
    }

    /** The value of an option that is a number; one letter stands for a power of 1024. Empty when the option is not there. */
    Optional<Long> number(String key, long least, long most) {
        String value = options.get(key);
        if (value == null) {
            return Optional.empty();
        }
        OptionalLong number = ByteCount.parse(value);
        if (number.isEmpty() || number.getAsLong() < least || number.getAsLong() > most) {
            throw wrong("%s '%s': give a whole number from %d to %d".formatted(key, value, least, most));
        }
        return Optional.of(number.getAsLong());
    }

    /** Says of which device a word is wrong. */
    <T> T said(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (WrongWordException e) {
            throw wrong(e.getMessage());
        }
    }

    /** An exception about this device; {@code what} completes the line. */
    WrongWordException wrong(String what) {
        return wrong(whole, what);
    }

    private static WrongWordException wrong(String whole, String what) {
        return new WrongWordException("device \"%s\": %s".formatted(whole, what));
    }
}
