package dev.postern.attach;

/** How a disk's seg_max is found. */
public enum SegmentLimit {
    /** 126, whatever the size of the queue. */
    FIXED("off"),
    /** What a queue holds besides header and status: its size less two. */
    BY_QUEUE_SIZE("on");

    private final String setting;

    SegmentLimit(String setting) {
        this.setting = setting;
    }

    /** The value of QEMU's property {@code seg-max-adjust}. */
    String setting() {
        return setting;
    }
}
