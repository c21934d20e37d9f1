package dev.postern.cli.report;

import dev.postern.lab.evaluate.Awareness;
import dev.postern.lab.evaluate.CellResult;
import java.util.Arrays;
import java.util.stream.Collectors;

/** One letter for what came of a cell, which tells without colour too. */
enum CellSymbol {
    WORKS('+', "works"),
    REFUSED('-', "refused"),
    FAILS('f', "fails"),
    UNPROTECTED_TOLD('u', "unprotected, and told so"),
    UNPROTECTED_UNTOLD('U', "unprotected, not told"),
    CORRUPTS('C', "corrupts"),
    LEAKS('L', "leaks");

    private final char letter;
    private final String words;

    CellSymbol(char letter, String words) {
        this.letter = letter;
        this.words = words;
    }

    static CellSymbol of(CellResult result) {
        return switch (result.verdict()) {
            case WORKS -> WORKS;
            case REFUSED -> REFUSED;
            case FAILS -> FAILS;
            case UNPROTECTED ->
                result.awareness().orElseThrow() == Awareness.TOLD ? UNPROTECTED_TOLD : UNPROTECTED_UNTOLD;
            case CORRUPTS -> CORRUPTS;
            case LEAKS -> LEAKS;
        };
    }

    String words() {
        return words;
    }

    String in(Palette palette) {
        String text = String.valueOf(letter);
        return switch (this) {
            case WORKS -> palette.good(text);
            case REFUSED -> palette.faint(text);
            case UNPROTECTED_TOLD -> palette.label(text);
            case FAILS, UNPROTECTED_UNTOLD, CORRUPTS, LEAKS -> palette.bad(text);
        };
    }

    /** What each letter means. */
    static String legend(Palette palette) {
        return Arrays.stream(values())
                .map(symbol -> symbol.in(palette) + " " + symbol.words)
                .collect(Collectors.joining("   "));
    }
}
