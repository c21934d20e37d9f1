package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.function.Executable;

/**
 * One thing that a guest does wrong with its pages.
 *
 * @param platform where it matters
 * @param what it is, in a few words
 * @param acts what has to be rewritten for it
 */
record Harm(PlatformKind platform, String what, List<Supplier<Sabotage>> acts) {

    private static final String PACKAGE = "dev.postern.platform.";

    /**
     * What the person who reads it has to start from: an address with the rule that was broken, what stays within reach, a page that
     * was given up, or what a device found in a ring that is not there.
     */
    private static final Pattern TELLING = Pattern.compile(String.join(
            "|",
            "0x[0-9a-f]+.*\\[[a-z0-9-]+:[a-z0-9-]+]",
            "(?:what devices reach|private bytes within reach of devices):\\R.*0x[0-9a-f]+",
            "page 0x[0-9a-f]+.*given up",
            "queue [0-9]+: .*\\[[a-z-]+:[a-z0-9-]+]"));

    /** One that a single act of sabotage makes. */
    static Harm of(PlatformKind platform, String what, Supplier<Sabotage> act) {
        return new Harm(platform, what, List.of(act));
    }

    /** A step of sharing, or of taking back, is left out. */
    static Harm without(PlatformKind platform, String method, String step) {
        return of(
                platform,
                "%s without %s".formatted(method, step),
                () -> Sabotage.dropCall(sharingOf(platform), method, step));
    }

    /** The full name of the class that shares pages on a platform. */
    static String sharingOf(PlatformKind platform) {
        return PACKAGE
                + switch (platform) {
                    case SEV, SEV_ES -> "CBitPageSharing";
                    case SEV_SNP -> "SnpPageSharing";
                    case HYPERV_VTOM -> "VtomPageSharing";
                    case TDX -> "TdxPageSharing";
                    case CCA -> "RealmPageSharing";
                    case PKVM -> "PkvmPageSharing";
                    case PSERIES_SVM -> "UltravisorPageSharing";
                    case S390_PV -> "UvcPageSharing";
                    case PLAIN, ARM, ARM_POOL, ARM_RANGES, ARM_NONCOHERENT, XEN_HVM, XEN_PV, XEN_DOM0, XEN_ARM ->
                        throw new IllegalArgumentException(platform + " shares nothing");
                };
    }

    /** What goes wrong when a guest does it; whoever lives does so only that long. */
    Throwable noticedBy(Executable life) {
        Deque<Sabotage> done = new ArrayDeque<>();
        try {
            acts.forEach(act -> done.push(act.get()));
            return assertThrows(Throwable.class, life, () -> "nobody noticed: " + this);
        } finally {
            done.forEach(Sabotage::close);
        }
    }

    /** Asserts that what was noticed leads a person to the page. */
    static void assertTelling(Throwable noticed) {
        String words = words(noticed);
        assertTrue(TELLING.matcher(words).find(), "this tells nobody what to look at: " + words);
    }

    /** All that a report shows of it. */
    private static String words(Throwable noticed) {
        StringBuilder words = new StringBuilder(String.valueOf(noticed.getMessage()));
        for (Throwable other : noticed.getSuppressed()) {
            words.append(System.lineSeparator()).append(words(other));
        }
        return words.toString();
    }

    @Override
    public String toString() {
        return platform + ": " + what;
    }
}
