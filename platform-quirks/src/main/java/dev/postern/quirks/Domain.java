package dev.postern.quirks;

import java.util.List;

/** Which values a fact can have. */
public sealed interface Domain {

    /**
     * One of a few words.
     *
     * @param words all of them, the usual one first
     */
    record Words(List<String> words) implements Domain {

        /** Takes an immutable copy. */
        public Words {
            words = List.copyOf(words);
        }

        @Override
        public String describe() {
            return "one of " + words;
        }

        @Override
        public boolean has(String value) {
            return words.contains(value);
        }
    }

    /**
     * A whole number, compared without a sign.
     *
     * @param lowest the smallest value
     * @param highest the largest value
     */
    record Number(long lowest, long highest) implements Domain {

        @Override
        public String describe() {
            return "a number from %s to %s".formatted(Long.toUnsignedString(lowest), Long.toUnsignedString(highest));
        }

        @Override
        public boolean has(String value) {
            try {
                long number = parse(value);
                return Long.compareUnsigned(number, lowest) >= 0 && Long.compareUnsigned(number, highest) <= 0;
            } catch (NumberFormatException e) {
                return false;
            }
        }

        /**
         * A number in decimal, or in hexadecimal after {@code 0x}.
         *
         * @throws NumberFormatException when it is neither, or needs more than 64 bits
         */
        public static long parse(String value) {
            return value.startsWith("0x")
                    ? Long.parseUnsignedLong(value.substring(2), 16)
                    : Long.parseUnsignedLong(value);
        }
    }

    /** Any text of one line. */
    record Text() implements Domain {

        @Override
        public String describe() {
            return "a text of one line";
        }

        @Override
        public boolean has(String value) {
            return value.lines().count() <= 1 && value.indexOf('\t') < 0;
        }
    }

    /** The values in a few words, for a message. */
    String describe();

    /** Whether a value is one of them. */
    boolean has(String value);
}
