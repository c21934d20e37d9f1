package dev.postern.attach;

/** How a disk lies in its file. Never guessed from the content: a guest can write what looks like another format. */
public enum ImageFormat {
    /** Byte for byte. */
    RAW("raw"),
    /** QEMU's own, with backing files and holes. */
    QCOW2("qcow2");

    private final String driver;

    ImageFormat(String driver) {
        this.driver = driver;
    }

    /** What QEMU calls it. */
    String driver() {
        return driver;
    }
}
