package dev.postern.bench;

import java.nio.file.Path;
import java.util.List;

/** What the storage daemon's disk is made of; its size is a power of two. */
enum VhostBlkMedium {
    /** Requests are answered at once, and no data is moved. */
    NOTHING(1L << 30, "a null-co disk, which moves no data"),
    /** A file that is in the page cache. */
    IMAGE(256L << 20, "an image in the page cache");

    private final long bytes;
    private final String words;

    VhostBlkMedium(long bytes, String words) {
        this.bytes = bytes;
        this.words = words;
    }

    /** Its size. */
    long bytes() {
        return bytes;
    }

    /** For a person. */
    String words() {
        return words;
    }

    /** The daemon's words for it, as a node called {@code disk}. */
    List<String> nodes(Path image) {
        return switch (this) {
            case NOTHING -> List.of("--blockdev", "driver=null-co,node-name=disk,latency-ns=0,size=" + bytes);
            case IMAGE ->
                List.of(
                        "--blockdev",
                        "driver=file,node-name=disk,filename="
                                + image.toString().replace(",", ",,"));
        };
    }
}
