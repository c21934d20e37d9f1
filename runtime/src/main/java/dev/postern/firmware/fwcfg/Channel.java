package dev.postern.firmware.fwcfg;

/** A way to move the bytes of an item. */
sealed interface Channel permits PortChannel, DmaChannel {

    /** Reads the first {@code length} bytes of the item. */
    byte[] read(int key, int length);

    /** Writes a part of the item. */
    void write(int key, int offset, byte[] bytes);
}
