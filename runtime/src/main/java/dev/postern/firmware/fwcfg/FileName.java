package dev.postern.firmware.fwcfg;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A name in a field of fixed size, ended by a zero byte. */
final class FileName {

    private FileName() {}

    /** Reads a name; what is not printable becomes a question mark, so that messages stay one clean line. */
    static String read(ByteBuffer bytes, int offset, int fieldBytes) {
        byte[] name = new byte[fieldBytes];
        bytes.get(offset, name);
        int length = 0;
        while (length < fieldBytes && name[length] != 0) {
            if (name[length] < ' ' || name[length] > '~') {
                name[length] = '?';
            }
            length++;
        }
        return new String(name, 0, length, StandardCharsets.US_ASCII);
    }
}
