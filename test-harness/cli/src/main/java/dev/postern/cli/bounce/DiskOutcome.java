package dev.postern.cli.bounce;

import java.util.Optional;

/**
 * What became of one disk.
 *
 * @param name such as {@code blk0}
 * @param plan how its memory accesses were arranged
 * @param digest of what the guest read; empty when it could not read to the end
 * @param expected of the image, read without the guest; empty when the guest could not read to the end, or only the back-end has the image
 * @param failure what went wrong, in one line
 */
public record DiskOutcome(
        String name, String plan, Optional<String> digest, Optional<String> expected, Optional<String> failure) {}
