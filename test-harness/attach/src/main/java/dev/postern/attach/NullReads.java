package dev.postern.attach;

/** What reading a disk without content does. */
public enum NullReads {
    /** Nothing: the buffer stays as it is. The daemon moves no byte. */
    UNTOUCHED,
    /** The daemon fills the buffer with zeros. */
    ZEROED
}
