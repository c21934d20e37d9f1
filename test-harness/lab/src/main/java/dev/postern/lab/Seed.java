package dev.postern.lab;

/** The seed of everything random in a run; failures name it. */
public final class Seed {

    /** The system property that sets it. */
    public static final String PROPERTY = "postern.seed";

    private static final long VALUE = Long.getLong(PROPERTY, 20261120);

    private Seed() {}

    /** The seed of this run. */
    public static long value() {
        return VALUE;
    }

    /** For messages: how to run with the same seed again. */
    public static String words() {
        return "run again with -D%s=%d".formatted(PROPERTY, VALUE);
    }
}
