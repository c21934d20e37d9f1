package dev.postern.cli.leak;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random bytes that occur nowhere but where they were put on purpose: found elsewhere, they have leaked.
 *
 * @param number 0 and up, for reports
 * @param bytes {@value #BYTES} of them; callers leave the array as it is
 */
public record Canary(int number, byte[] bytes) {

    /** Length of a canary; by chance it occurs nowhere. */
    public static final int BYTES = 32;

    /** How many different ones a run has: each is searched for by itself, and shows in which part of memory it was. */
    static final int COUNT = 4;

    /** Apart from the seeds of everything else that is made from the user's seed. */
    private static final long PURPOSE = 0x6361_6e61_7279_0001L;

    /** The canaries of a seed. They are made here and never written down, so that no copy lies about in a program's data. */
    public static List<Canary> ofSeed(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ PURPOSE);
        List<Canary> canaries = new ArrayList<>();
        for (int number = 0; number < COUNT; number++) {
            byte[] bytes = new byte[BYTES];
            random.nextBytes(bytes);
            canaries.add(new Canary(number, bytes));
        }
        return List.copyOf(canaries);
    }

    /** The first bytes, for reports: enough to tell canaries apart, too few to be taken for one. */
    public String shortForm() {
        return HexFormat.of().formatHex(bytes, 0, 4);
    }

    @Override
    public String toString() {
        return "canary %d, %s…".formatted(number, shortForm());
    }
}
