package dev.postern.quirks.decision;

import java.util.List;

/**
 * One numbered rule of the decision.
 *
 * <p>{@code V} rules ask whether the device can be driven at all, {@code R} rules form the ladder of addressing on which
 * the first match settles the outcome, and {@code O} rules choose features for a device that is driven. Rules are
 * immutable and read nothing but the facts.
 */
public abstract sealed class Rule
        permits VersionOneMissing,
                VersionOneOffered,
                AccessPlatformNotOffered,
                NothingTranslates,
                IommuWithoutDriver,
                OrderPlatformHonoured {

    /** What a settled outcome means for a rule that comes later. */
    enum AfterOutcome {
        /** It is part of the ladder, and is not tried. */
        NOT_TRIED,
        /** It chooses features, and is tried for a device that is driven. */
        TRIED_IF_DRIVEN
    }

    private static final List<Rule> IN_ORDER = List.of(
            new VersionOneMissing(),
            new VersionOneOffered(),
            new AccessPlatformNotOffered(),
            new NothingTranslates(),
            new IommuWithoutDriver(),
            new OrderPlatformHonoured());

    private final String id;
    private final String title;
    private final String source;
    private final String peers;
    private final SourceLine where;
    private final AfterOutcome afterOutcome;

    Rule(String id, String title, String source, String peers, SourceLine where, AfterOutcome afterOutcome) {
        this.id = id;
        this.title = title;
        this.source = source;
        this.peers = peers;
        this.where = where;
        this.afterOutcome = afterOutcome;
    }

    /** Every rule, in the order in which they are tried; an immutable list. */
    public static List<Rule> inOrder() {
        return IN_ORDER;
    }

    /** A short name that does not change, such as {@code R1}. */
    public final String id() {
        return id;
    }

    /** Condition and effect, in one line. */
    public final String title() {
        return title;
    }

    /** The clauses of the specification that it follows, such as {@code content:957}. */
    public final String source() {
        return source;
    }

    /** What others do in the same place, in one line. */
    public final String peers() {
        return peers;
    }

    /** Where it is written. */
    public final SourceLine where() {
        return where;
    }

    final AfterOutcome afterOutcome() {
        return afterOutcome;
    }

    /** Tries the rule on the facts. */
    abstract Finding examine(DeviceFacts device, PlatformFacts platform);

    @Override
    public final String toString() {
        return id + " " + title;
    }
}
