package dev.postern.attach;

/** The mode of a disk's write cache when a guest finds it; where CONFIG_WCE is offered, the guest can change it. */
public enum WriteCache {
    /** A write is stable after a flush. */
    WRITEBACK("on"),
    /** A write is stable when it is answered. */
    WRITETHROUGH("off");

    private final String setting;

    WriteCache(String setting) {
        this.setting = setting;
    }

    /** The value of QEMU's property {@code write-cache}. */
    String setting() {
        return setting;
    }
}
