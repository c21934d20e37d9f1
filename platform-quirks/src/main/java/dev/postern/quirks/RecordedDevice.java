package dev.postern.quirks;

import java.util.Objects;

/**
 * A device of a facts file.
 *
 * @param name what the file calls it; unique in the file
 * @param facts what the file says of the device alone
 * @param where its header
 */
public record RecordedDevice(String name, FactSheet facts, Place where) {

    /** No part may be missing. */
    public RecordedDevice {
        Objects.requireNonNull(name);
        Objects.requireNonNull(facts);
        Objects.requireNonNull(where);
    }
}
