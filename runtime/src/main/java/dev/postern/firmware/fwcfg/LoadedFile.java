package dev.postern.firmware.fwcfg;

import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A file in RAM.
 *
 * @param name as the script calls it
 * @param frames what it occupies
 * @param memory its bytes, without the rest of the last frame
 */
record LoadedFile(String name, PhysRange frames, MemorySegment memory) {

    long pa() {
        return frames.basePa();
    }

    /** The address of a byte of the file. */
    long addressOf(long offset) {
        requireInside(offset, 1);
        return pa() + offset;
    }

    long readPointer(int offset, int width) {
        requireInside(Integer.toUnsignedLong(offset), width);
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff;
        }
        return value;
    }

    void writePointer(int offset, int width, long value) {
        requireInside(Integer.toUnsignedLong(offset), width);
        requireFits(name, value, width);
        for (int i = 0; i < width; i++) {
            memory.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (value >>> 8 * i));
        }
    }

    /** Changes one byte so that a part of the file, the byte as it was included, adds up to 0. */
    void addChecksum(int offset, int start, int length) {
        requireInside(Integer.toUnsignedLong(offset), 1);
        requireInside(Integer.toUnsignedLong(start), Integer.toUnsignedLong(length));
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += memory.get(ValueLayout.JAVA_BYTE, start + i);
        }
        memory.set(ValueLayout.JAVA_BYTE, offset, (byte) (memory.get(ValueLayout.JAVA_BYTE, offset) - sum));
    }

    static void requireFits(String name, long address, int width) {
        if (width < Long.BYTES && address >>> 8 * width != 0) {
            throw new FwCfgException(
                    "fw_cfg: address 0x%x does not fit the pointer of %d bytes in %s".formatted(address, width, name));
        }
    }

    private void requireInside(long offset, long length) {
        if (offset < 0 || length < 0 || length > memory.byteSize() || offset > memory.byteSize() - length) {
            throw new FwCfgException("fw_cfg: the table loader script goes to %d bytes at offset %d of %s, which has %d"
                    .formatted(length, offset, name, memory.byteSize()));
        }
    }
}
