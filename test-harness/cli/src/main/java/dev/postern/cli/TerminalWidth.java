package dev.postern.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How many columns a person sees. */
final class TerminalWidth {

    /** More than any line has: output that nobody looks at is not cut. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int USUAL = 100;
    private static final int LEAST = 40;
    private static final long LIMIT_MILLIS = 500;

    private TerminalWidth() {}

    /** The columns of standard output: {@code COLUMNS} where it is set, else the terminal's, else no limit. */
    static int of(Terminal terminal, Map<String, String> environment) {
        String columns = environment.getOrDefault("COLUMNS", "");
        if (columns.matches("[1-9][0-9]{0,4}")) {
            return Math.max(LEAST, Integer.parseInt(columns));
        }
        return terminal.output() == Terminal.Kind.TERMINAL ? Math.max(LEAST, asked()) : UNLIMITED;
    }

    /** The JDK has no way to ask a terminal; every system with one has the program. */
    private static int asked() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
                stty.destroyForcibly();
                return USUAL;
            }
            String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ");
            return size.length == 2 && size[1].matches("[1-9][0-9]{0,4}") ? Integer.parseInt(size[1]) : USUAL;
        } catch (IOException e) {
            return USUAL;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }
}
