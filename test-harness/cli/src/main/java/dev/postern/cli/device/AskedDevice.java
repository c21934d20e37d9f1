package dev.postern.cli.device;

import dev.postern.quirks.FactSheet;
import java.util.Objects;

/**
 * A device that is asked about and need not be anywhere.
 *
 * @param name what the answer calls it
 * @param facts what the line, or a facts file, says of it
 * @param origin whether it was recorded or made up
 */
public record AskedDevice(String name, FactSheet facts, Origin origin) {

    /** Where a device comes from. */
    public enum Origin {
        /** From the command line: what it does not say is as {@code postern boot} would have it. */
        MADE_UP,
        /** From a facts file: what it does not say is not known. */
        RECORDED
    }

    /** No part may be missing. */
    public AskedDevice {
        Objects.requireNonNull(name);
        Objects.requireNonNull(facts);
        Objects.requireNonNull(origin);
    }
}
