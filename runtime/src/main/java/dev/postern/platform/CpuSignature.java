package dev.postern.platform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Twelve characters that CPUID spreads over three registers. */
final class CpuSignature {

    private CpuSignature() {}

    /** The characters of the registers in that order; the lowest byte of a register comes first. */
    static String of(int first, int second, int third) {
        byte[] text = ByteBuffer.allocate(3 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(first)
                .putInt(second)
                .putInt(third)
                .array();
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
