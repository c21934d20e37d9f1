package dev.postern.dma;

/**
 * What a device's report of how many bytes it wrote is worth. It is a fact about the device and its platform, and decides how much
 * of a bounced buffer is copied back.
 */
public enum UsedLengthTrust {
    /** It is right. A report beyond the mapping is a defect of the driver, which has checked it before. */
    TRUSTED,
    /** It may be too large: it is cut to the mapping. */
    CLAMP,
    /** It says nothing: the whole mapping is copied back. What the device did not write is zero, or as it was. */
    IGNORE
}
