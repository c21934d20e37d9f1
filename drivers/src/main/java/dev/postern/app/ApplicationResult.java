package dev.postern.app;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What an application found, by device.
 *
 * @param byDevice device name to result in words, such as a digest in hex; in the order of the work
 * @param bytes how many bytes were moved between devices and memory
 */
public record ApplicationResult(SequencedMap<String, String> byDevice, long bytes) {

    /** Copies the map. */
    public ApplicationResult {
        byDevice = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byDevice));
    }

    /** A result about one device. */
    public static ApplicationResult of(String device, String result, long bytes) {
        return new ApplicationResult(new LinkedHashMap<>(Map.of(device, result)), bytes);
    }
}
