package dev.postern.quirks;

import java.util.Arrays;
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

    /** Ranges of addresses as cpu+size=bus, separated by blanks; none at all is right too. */
    record Ranges() implements Domain {

        private static final int PARTS = 3;

        @Override
        public String describe() {
            return "ranges as cpu+size=bus, such as 0x40000000+0x40000000=0x0, that are not empty and end within 64"
                    + " bits";
        }

        @Override
        public boolean has(String value) {
            String[] ranges = value.isBlank() ? new String[0] : value.strip().split(" +");
            return Arrays.stream(ranges).allMatch(Ranges::isRange);
        }

        private static boolean isRange(String text) {
            String[] parts = text.split("[+=]", -1);
            if (parts.length != PARTS || text.indexOf('+') > text.indexOf('=')) {
                return false;
            }
            try {
                long pa = Number.parse(parts[0]);
                long last = Number.parse(parts[1]) - 1;
                long busAddress = Number.parse(parts[2]);
                // The size 0 has -1, the largest number there is, as the offset of its last byte.
                return last != -1
                        && Long.compareUnsigned(pa + last, pa) >= 0
                        && Long.compareUnsigned(busAddress + last, busAddress) >= 0;
            } catch (NumberFormatException e) {
                return false;
            }
        }
    }

    /** The values in a few words, for a message. */
    String describe();

    /** Whether a value is one of them. */
    boolean has(String value);
}
