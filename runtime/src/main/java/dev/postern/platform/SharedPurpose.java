package dev.postern.platform;

/** What shared memory is for. A report says by it why a page is open to devices. */
public enum SharedPurpose {
    /** The bounce pool. */
    POOL("pool"),

    /** Rings and other buffers that a device uses all the time. */
    RINGS("rings"),

    /** Where devices write their interrupt messages. */
    INTERRUPTS("interrupt mailboxes"),

    /** Transfers from the firmware's configuration device. */
    FIRMWARE("firmware"),

    /** Anything else, such as a page that an experiment opens. */
    OTHER("other");

    private final String words;

    SharedPurpose(String words) {
        this.words = words;
    }

    /** The purpose in a word or two, for the log. */
    public String words() {
        return words;
    }
}
