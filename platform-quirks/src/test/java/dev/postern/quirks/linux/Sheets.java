package dev.postern.quirks.linux;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/** Sheets of facts from words, for vectors. */
final class Sheets {

    private Sheets() {}

    /** A sheet of facts given as {@code name=value}, separated by semicolons; the empty text gives no fact. */
    static FactSheet of(String words) {
        FactSheet sheet = FactSheet.EMPTY;
        for (String word : words.split(";")) {
            if (!word.isBlank()) {
                String[] parts = word.strip().split("=", 2);
                FactName name = FactName.named(parts[0])
                        .orElseThrow(() -> new IllegalArgumentException("no fact is called " + parts[0]));
                sheet = sheet.with(name, Fact.of(parts[1], "vector"));
            }
        }
        return sheet;
    }
}
