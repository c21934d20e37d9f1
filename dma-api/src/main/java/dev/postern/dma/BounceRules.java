package dev.postern.dma;

import java.util.Objects;

/**
 * How a bounced context treats what the device wrote.
 *
 * @param usedLength what the device's report is worth
 * @param unwritten what becomes of bytes that it did not write
 */
public record BounceRules(UsedLengthTrust usedLength, UnwrittenBytes unwritten) {

    /** For a device of which nothing is known: its report is cut to the mapping, and it sees nothing of the buffer. */
    public static final BounceRules CAUTIOUS = new BounceRules(UsedLengthTrust.CLAMP, UnwrittenBytes.ZEROED);

    /** Refuses null. */
    public BounceRules {
        Objects.requireNonNull(usedLength);
        Objects.requireNonNull(unwritten);
    }
}
