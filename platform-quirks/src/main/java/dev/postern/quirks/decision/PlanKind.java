package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The kinds of answer that one can ask for, without offsets, domains and reasons. */
public enum PlanKind {
    /** Guest-physical addresses, at an offset perhaps, and nothing is bounced. */
    DIRECT("direct"),
    /** Every buffer goes through a pool, whatever addresses the pool. */
    BOUNCED("bounced"),
    /** An IOMMU translates, and nothing is bounced. */
    TRANSLATED("translated"),
    /** Xen grants. */
    GRANTED("granted"),
    /** Machine addresses of a paravirtualised Xen guest. */
    PAGE_TRANSLATED("page-translated"),
    /** The device is left alone. */
    REFUSED("refused"),
    /** The device waits for its IOMMU. */
    DEFERRED("deferred");

    private final String word;

    PlanKind(String word) {
        this.word = word;
    }

    /** The kind of an outcome. */
    public static PlanKind of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Refuse _ -> REFUSED;
            case Outcome.Defer _ -> DEFERRED;
            case Outcome.Proceed(DmaPlan plan) -> of(plan);
        };
    }

    private static PlanKind of(DmaPlan plan) {
        return switch (plan) {
            case DmaPlan.Direct _ -> DIRECT;
            case DmaPlan.Bounced _ -> BOUNCED;
            case DmaPlan.Translated _ -> TRANSLATED;
            case DmaPlan.Granted _ -> GRANTED;
            case DmaPlan.PageTranslated _ -> PAGE_TRANSLATED;
        };
    }

    /** The kind of a word; empty when there is none. */
    public static Optional<PlanKind> named(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
    }

    /** All words, in order. */
    public static List<String> words() {
        return Arrays.stream(values()).map(PlanKind::word).toList();
    }

    /** What commands and documents call it. */
    public String word() {
        return word;
    }

    @Override
    public String toString() {
        return word;
    }
}
