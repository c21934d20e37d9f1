package dev.postern.cli.device;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kind of virtio device by the word for it, whether or not there is a driver here.
 *
 * @param word as on the command line
 * @param id the virtio device id (virtio 1.4, Device Types)
 */
public record VirtioKind(String word, int id) {

    private static final Map<String, VirtioKind> BY_WORD = new LinkedHashMap<>();

    static {
        add("blk", 2);
        add("rng", 4);
        add("net", 1);
        add("console", 3);
        add("balloon", 5);
        add("scsi", 8);
        add("9p", 9);
        add("gpu", 16);
        add("input", 18);
        add("vsock", 19);
        add("crypto", 20);
        add("iommu", 23);
        add("mem", 24);
        add("sound", 25);
        add("fs", 26);
        add("pmem", 27);
    }

    private static void add(String word, int id) {
        BY_WORD.put(word, new VirtioKind(word, id));
    }

    /** All words; those that have a driver here first. */
    public static List<String> words() {
        return List.copyOf(BY_WORD.keySet());
    }

    /** The kind of a word; empty when there is none. */
    public static Optional<VirtioKind> named(String word) {
        return Optional.ofNullable(BY_WORD.get(word));
    }
}
