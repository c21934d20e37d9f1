package dev.postern.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How many columns the user sees. */
final class TerminalWidth {

    private static final int USUAL = 100;
    private static final int LEAST = 40;
    private static final int MOST = 1000;
    private static final long STTY_MILLIS = 500;

    private TerminalWidth() {}

    /** What the variable {@code COLUMNS} says, else what a terminal says of itself, else {@value #USUAL}. */
    static int of(Terminal terminal, Map<String, String> environment) {
        int said = number(environment.getOrDefault("COLUMNS", ""));
        if (said == 0 && terminal.output() == Terminal.Kind.TERMINAL) {
            said = asked();
        }
        return said == 0 ? USUAL : Math.clamp(said, LEAST, MOST);
    }

    /** Asks stty, which prints rows and columns; 0 when it cannot say. */
    private static int asked() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(STTY_MILLIS, TimeUnit.MILLISECONDS)) {
                stty.destroyForcibly();
                return 0;
            }
            try (InputStream out = stty.getInputStream()) {
                String[] words = new String(out.readAllBytes(), StandardCharsets.US_ASCII)
                        .strip()
                        .split(" ");
                return words.length == 2 ? number(words[1]) : 0;
            }
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    }
}
