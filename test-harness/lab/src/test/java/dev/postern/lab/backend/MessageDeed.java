package dev.postern.lab.backend;

/** What a back-end does wrong with one message. */
public enum MessageDeed {
    /** Closes the stream as though the message had never arrived. */
    HANG_UP_BEFORE,
    /** Does what it was asked, answers where an answer is due, and closes the stream. */
    HANG_UP_AFTER,
    /** Closes the stream in the middle of the answer's payload. */
    HANG_UP_IN_REPLY,
    /** Closes the stream in the middle of the answer's header. */
    HANG_UP_IN_HEADER,
    /** Sends the first half of the answer and no more. */
    HALF_REPLY,
    /** Keeps silent from here on, with the stream open. */
    SILENCE,
    /** Says that 2 GiB of payload follow. */
    OVERSIZED,
    /** Says that 4 GiB less one byte of payload follow, which is -1 to who takes it for signed. */
    NEGATIVE_SIZE,
    /** Sends one byte less of payload than the answer has. */
    UNDERSIZED,
    /** Sends no payload at all. */
    EMPTY,
    /** Sends eight bytes more of payload than the answer has. */
    TOO_LONG,
    /** Answers in another version of the protocol. */
    WRONG_VERSION,
    /** Leaves the mark out that says that it is an answer. */
    NO_REPLY_FLAG,
    /** Answers something else than was asked. */
    OTHER_REQUEST,
    /** Passes a descriptor with an answer that has none, or one too many. */
    EXTRA_DESCRIPTOR,
    /** Passes more descriptors than a front-end has to take. */
    MANY_DESCRIPTORS,
    /** Passes no descriptor with an answer that has one. */
    NO_DESCRIPTOR,
    /** Passes a descriptor of a file that is much smaller than the answer says. */
    SMALL_FILE,
    /** Acknowledges with a failure. */
    NACK,
    /** Answers twice. */
    TWICE,
    /** Tries to cut the memory that it was just given down to nothing; goes on as usual. */
    SHRINK_MEMORY,
    /** Answers a number that is all ones. */
    ALL_ONES
}
