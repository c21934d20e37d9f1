package dev.postern.cli.explain;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;

/**
 * A fact that the user vouches for: {@code NAME=VALUE}.
 *
 * @param name which
 * @param fact its value, with the option as its provenance
 */
public record FactClaim(FactName name, Fact<String> fact) {

    /**
     * Reads one.
     *
     * @throws WrongCallException when the form, the name or the value is wrong
     */
    public static FactClaim parse(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new WrongCallException("--fact %s: write NAME=VALUE, such as --fact protection=tdx".formatted(text));
        }
        String word = text.substring(0, equals);
        String value = text.substring(equals + 1);
        FactName name = FactName.named(word)
                .orElseThrow(() -> new WrongCallException("--fact %s: no fact '%s': did you mean '%s'?"
                        .formatted(
                                text,
                                word,
                                NameList.of("fact", FactName.words())
                                        .nearest(word)
                                        .orElse(FactName.nearest(word)))));
        if (!name.domain().has(value)) {
            throw new WrongCallException("--fact %s: '%s' is no value of %s: give %s"
                    .formatted(text, value, word, name.domain().describe()));
        }
        return new FactClaim(name, Fact.of(value, "--fact"));
    }
}
