package dev.postern.quirks.linux;

/** What is done about CPU caches for a device. */
enum CacheCare {
    /** Linux takes the device for coherent: nothing. */
    COHERENT,
    /** Lines are cleaned before and invalidated after each transfer. */
    MAINTAINED,
    /** Linux knows that the device is not coherent, and the path does nothing: the DMA API is not used. */
    NEGLECTED
}
