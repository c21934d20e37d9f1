package dev.postern.lab.evaluate;

/** Whether a guest whose memory lies open to a device was told so by its own explanation. */
public enum Awareness {
    /** The explanation says that the device reaches all of RAM. */
    TOLD,
    /** The guest takes its memory for protected. */
    UNTOLD
}
