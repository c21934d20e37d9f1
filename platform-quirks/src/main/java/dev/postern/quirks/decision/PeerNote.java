package dev.postern.quirks.decision;

import java.util.Objects;

/**
 * What others do where one of our rules settled something.
 *
 * @param rule the rule
 * @param words in one line, with the source
 */
public record PeerNote(Rule rule, String words) {

    /** No part may be missing. */
    public PeerNote {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(words);
    }
}
