package dev.postern.attach;

import java.nio.charset.StandardCharsets;

/** The single accesses that QEMU's test protocol knows, as it writes them. */
enum QtestAccess {
    READ8("readb"),
    READ16("readw"),
    READ32("readl"),
    READ64("readq"),
    WRITE8("writeb"),
    WRITE16("writew"),
    WRITE32("writel"),
    WRITE64("writeq"),
    IN8("inb"),
    IN16("inw"),
    IN32("inl"),
    OUT8("outb"),
    OUT16("outw"),
    OUT32("outl");

    private final byte[] prefix;

    QtestAccess(String word) {
        prefix = (word + " 0x").getBytes(StandardCharsets.US_ASCII);
    }

    /** The command up to the digits of the address. Not to be changed. */
    byte[] prefix() {
        return prefix;
    }
}
