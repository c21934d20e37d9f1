package dev.postern.lab.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The configuration space of a disk (virtio 1.4, Block Device, Device configuration layout). Used by one thread. */
final class DiskConfiguration {

    /** Up to the end of the fields of WRITE_ZEROES. */
    static final int BYTES = 60;

    /** Where the mode of the cache is. */
    static final int WRITEBACK = 32;

    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);

    DiskConfiguration(Offer offer) {
        bytes.putLong(0, offer.capacity());
        bytes.putInt(12, offer.mostSegments());
        bytes.putInt(20, DiskMemory.SECTOR);
        bytes.put(WRITEBACK, (byte) 1);
        bytes.putShort(34, (short) offer.queues());
        bytes.putInt(36, BlockServer.MOST_RANGE_SECTORS);
        bytes.putInt(40, BlockServer.MOST_RANGES);
        bytes.putInt(44, 1);
        bytes.putInt(48, BlockServer.MOST_RANGE_SECTORS);
        bytes.putInt(52, BlockServer.MOST_RANGES);
        bytes.put(56, (byte) 1);
    }

    void capacity(long sectors) {
        bytes.putLong(0, sectors);
    }

    void writeback(byte mode) {
        bytes.put(WRITEBACK, mode);
    }

    /** Bytes from a place on; beyond the end there are zeros. */
    byte[] read(int offset, int length) {
        byte[] part = new byte[length];
        for (int i = 0; i < length; i++) {
            part[i] = offset + i < BYTES ? bytes.get(offset + i) : 0;
        }
        return part;
    }
}
