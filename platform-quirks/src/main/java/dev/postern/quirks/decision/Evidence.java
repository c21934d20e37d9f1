package dev.postern.quirks.decision;

import java.util.Objects;

/**
 * The facts that a rule read, with their provenance. They are put into words when somebody asks: of the rules of a decision few
 * are ever read. Immutable, as the facts are, so that the words are the same whenever they are asked for.
 */
public final class Evidence {

    private final Rule rule;
    private final DeviceFacts device;
    private final PlatformFacts platform;

    Evidence(Rule rule, DeviceFacts device, PlatformFacts platform) {
        this.rule = Objects.requireNonNull(rule);
        this.device = Objects.requireNonNull(device);
        this.platform = Objects.requireNonNull(platform);
    }

    /** The facts in one line. */
    public String words() {
        return rule.evidence(device, platform);
    }

    /** Equal evidence says the same. */
    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Evidence evidence && words().equals(evidence.words());
    }

    @Override
    public int hashCode() {
        return words().hashCode();
    }

    @Override
    public String toString() {
        return words();
    }
}
