package dev.postern.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is known about where the output goes.
 *
 * @param output what standard output is
 * @param errors what standard error is
 * @param plain whether the user asked for no colour
 */
record Terminal(Kind output, Kind errors, Wish plain) {

    /** What a stream leads to. */
    enum Kind {
        /** A person looks at it. */
        TERMINAL,
        /** A file, a pipe, or not known. */
        OTHER
    }

    /** Whether colour is wanted. */
    enum Wish {
        /** {@code NO_COLOR} is not set. */
        COLOUR_ALLOWED,
        /** {@code NO_COLOR} is set to anything but nothing, see no-color.org. */
        NO_COLOUR
    }

    private static final Pattern DEVICE = Pattern.compile("/dev/(pts/\\d+|tty\\w*|console)");

    /**
     * Looks where the descriptors of this process lead. {@link System#console()} cannot tell the two streams apart, the
     * kernel can; where there is no such list they count as no terminal.
     */
    static Terminal ofProcess(Map<String, String> environment) {
        boolean noColour = !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || environment.getOrDefault("TERM", "").equals("dumb");
        return new Terminal(kind(1), kind(2), noColour ? Wish.NO_COLOUR : Wish.COLOUR_ALLOWED);
    }

    /** No person looks. */
    static Terminal none() {
        return new Terminal(Kind.OTHER, Kind.OTHER, Wish.NO_COLOUR);
    }

    boolean colourOutput() {
        return output == Kind.TERMINAL && plain == Wish.COLOUR_ALLOWED;
    }

    boolean colourErrors() {
        return errors == Kind.TERMINAL && plain == Wish.COLOUR_ALLOWED;
    }

    private static Kind kind(int descriptor) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(descriptor)));
            return DEVICE.matcher(target.toString()).matches() ? Kind.TERMINAL : Kind.OTHER;
        } catch (IOException | UnsupportedOperationException e) {
            return Kind.OTHER;
        }
    }
}
