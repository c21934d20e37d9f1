package dev.postern.cli.words;

import dev.postern.cli.WrongCallException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes, as people write and read them. */
public final class ByteSize {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,19})([KMGTkmgt]?)");
    private static final String LETTERS = "KMGT";
    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private ByteSize() {}

    /**
     * Reads a size such as {@code 512}, {@code 64M} or {@code 5G}: whole, with one letter for a power of 1024, as QEMU
     * has it.
     *
     * @param what what is being sized, for the message
     * @return 1 to 2^63 - 1 bytes
     * @throws WrongCallException when it is not such a size, zero, or too large
     */
    public static long parse(String what, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new WrongCallException(
                    "%s '%s' is not a size: write a whole number of bytes, or one with K, M, G or T, such as 64M"
                            .formatted(what, text));
        }
        int power = form.group(2).isEmpty() ? 0 : LETTERS.indexOf(form.group(2).toUpperCase(Locale.ROOT)) + 1;
        long bytes;
        try {
            bytes = Math.multiplyExact(Long.parseLong(form.group(1)), 1L << (10 * power));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new WrongCallException("%s '%s' is beyond 63 bits: write a smaller size".formatted(what, text));
        }
        if (bytes == 0) {
            throw new WrongCallException(
                    "%s '%s' is nothing: write a size above zero, such as 64M".formatted(what, text));
        }
        return bytes;
    }

    /** A size for a person: exact where a unit fits, else with one decimal, such as {@code 64 MiB} or {@code 1.5 GiB}. */
    public static String human(long bytes) {
        int unit = 0;
        long whole = bytes;
        while (unit < UNITS.length - 1 && whole >= 1024) {
            whole >>= 10;
            unit++;
        }
        double exact = bytes / (double) (1L << (10 * unit));
        return exact == whole
                ? "%d %s".formatted(whole, UNITS[unit])
                : "%s %s".formatted(String.format(Locale.ROOT, "%.1f", exact), UNITS[unit]);
    }
}
