package dev.postern.lab.backend;

/** What a back-end does wrong with one request that it took from a ring. */
public enum DataDeed {
    /** Uses it twice. */
    USE_TWICE,
    /** Uses an id beyond the ring's size. */
    ID_OUT_OF_RANGE,
    /** Uses an id that is not out. */
    ID_NOT_OUT,
    /** Says that it wrote one byte more than there is room. */
    LENGTH_TOO_LONG,
    /** Says that it wrote 4 GiB less one byte. */
    LENGTH_ALL_ONES,
    /** Moves the used index on by a thousand. */
    INDEX_JUMP,
    /** Never answers it, nor any other after it, until it is told to go on. */
    STALL,
    /** Never answers it. */
    FORGET,
    /** Hangs up before it does anything about it. */
    HANG_UP_BEFORE,
    /** Hangs up after the medium has changed and before it says so. */
    HANG_UP_APPLIED,
    /** Hangs up right after it has said that it is done, without a call. */
    HANG_UP_USED,
    /** Does it and trips the ring's error event in place of an answer; the stream stays open. */
    TRIP_ERROR,
    /** Does it and makes no call. */
    NO_CALL,
    /** Fails it: an I/O error. */
    IO_ERROR,
    /** Sends a request of an unknown kind over the back-end's own channel, then serves as usual. */
    UNKNOWN_BACKEND_REQUEST,
    /** Sends a header over the back-end's own channel that says that 2 GiB follow, then serves as usual. */
    OVERSIZED_BACKEND_REQUEST,
    /** Sends half a header over the back-end's own channel, then serves as usual. */
    HALF_BACKEND_REQUEST,
    /** Passes a descriptor that nobody asked for over the back-end's own channel, then serves as usual. */
    DESCRIPTOR_ON_BACKEND_CHANNEL,
    /** Closes the back-end's own channel, then serves as usual. */
    CLOSE_BACKEND_CHANNEL,
    /** Sends an answer that nobody asked for over the main stream, then serves as usual. */
    UNASKED_REPLY
}
