package dev.postern.lab.spec;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whole numbers as people write sizes: with one letter for a power of 1024, such as {@code 4M}. */
final class ByteCount {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,19})([KMGTkmgt]?)");
    private static final String UNITS = "KMGT";

    private ByteCount() {}

    /** The number, 0 to 2^63 - 1; empty when it is no such number or beyond. */
    static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return OptionalLong.empty();
        }
        int power = form.group(2).isEmpty() ? 0 : UNITS.indexOf(form.group(2).toUpperCase(Locale.ROOT)) + 1;
        try {
            return OptionalLong.of(Math.multiplyExact(Long.parseLong(form.group(1)), 1L << 10 * power));
        } catch (ArithmeticException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
