package dev.postern.attach;

import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The firmware that puts QEMU's own CPU to sleep for good. It initialises nothing: no table is written, no bridge is
 * programmed, no BAR is placed.
 */
final class HaltingFirmware {

    private static final long SIZE = 1 << 16;

    /** Where an x86 CPU starts: 16 bytes before the end of the image. */
    private static final long RESET_VECTOR = SIZE - 16;

    /** Interrupts off; halt; and back to the halt should anything wake it. */
    private static final byte[] CODE = {(byte) 0xfa, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd};

    private HaltingFirmware() {}

    /** Writes the image to memory that QEMU can open; the caller closes it when QEMU has read it. */
    static MemoryFile image() throws IOException {
        MemoryFile image = MemoryFile.create("postern-firmware", SIZE);
        image.segment().fill((byte) 0xff);
        MemorySegment.copy(CODE, 0, image.segment(), ValueLayout.JAVA_BYTE, RESET_VECTOR, CODE.length);
        return image;
    }
}
