package dev.postern.interrupt;

/** What a handler of a shared line found. */
public enum LineAnswer {
    /** The device had raised the line and was served. */
    HANDLED,
    /** The device had not raised the line. */
    NOT_MINE
}
