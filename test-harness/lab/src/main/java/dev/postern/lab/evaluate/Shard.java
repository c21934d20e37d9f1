package dev.postern.lab.evaluate;

/**
 * A part of a sweep: of {@code count} parts, the one with cells {@code index}, {@code index + count} and so on, counted from 1.
 *
 * @param index from 1 to {@code count}
 * @param count how many parts there are, 1 or more
 */
public record Shard(int index, int count) {

    /** All cells. */
    public static final Shard WHOLE = new Shard(1, 1);

    /** Checks the ranges. */
    public Shard {
        if (count < 1 || index < 1 || index > count) {
            throw new IllegalArgumentException(
                    "shard %d/%d: give I/N with I from 1 to N, such as 2/4".formatted(index, count));
        }
    }

    /**
     * Reads {@code I/N}.
     *
     * @throws IllegalArgumentException when it is none; the message is one line with the remedy
     */
    public static Shard parse(String text) {
        if (!text.matches("[0-9]{1,6}/[0-9]{1,6}")) {
            throw new IllegalArgumentException("shard '%s': give I/N with I from 1 to N, such as 2/4".formatted(text));
        }
        int slash = text.indexOf('/');
        return new Shard(Integer.parseInt(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    @Override
    public String toString() {
        return index + "/" + count;
    }
}
