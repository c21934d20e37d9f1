package dev.postern.virtio.blk;

import dev.postern.virtio.FeatureSet;
import java.util.ArrayList;
import java.util.List;

/** A disk in one line, such as {@code 67108864 bytes, 4096-byte blocks, 4 queues, discard, write-back cache}. */
final class DiskSummary {

    private DiskSummary() {}

    static String of(BlkDevice disk, FeatureSet accepted) {
        BlkConfiguration configuration = disk.configuration();
        List<String> words = new ArrayList<>();
        words.add(configuration.capacityBytes() + " bytes");
        words.add(configuration.blockSize() + "-byte blocks");
        if (disk.queues() > 1) {
            words.add(disk.queues() + " queues");
        }
        if (disk.readOnly()) {
            words.add("read-only");
        }
        configuration.discard().filter(RangeLimits::allowsAny).ifPresent(limits -> words.add("discard"));
        configuration.writeZeroes().filter(RangeLimits::allowsAny).ifPresent(limits -> words.add("write zeroes"));
        configuration.secureErase().filter(RangeLimits::allowsAny).ifPresent(limits -> words.add("secure erase"));
        if (accepted.has(BlkFeatures.LIFETIME)) {
            words.add("lifetime");
        }
        if (!disk.readOnly()) {
            words.add(disk.cacheMode() == CacheMode.WRITEBACK ? "write-back cache" : "write-through cache");
        }
        return String.join(", ", words);
    }
}
