package dev.postern.firmware.devicetree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A property: a name and raw bytes, read as what the caller takes them for (Devicetree Specification 0.4, 2.2.4). Immutable.
 *
 * <p>Each reader throws {@link DeviceTreeException} when the bytes cannot be that.
 */
public final class DeviceTreeProperty {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final String owner;
    private final String name;
    private final byte[] value;

    DeviceTreeProperty(String owner, String name, byte[] value) {
        this.owner = owner;
        this.name = name;
        this.value = value;
    }

    /** The name, such as {@code compatible}. */
    public String name() {
        return name;
    }

    /** Length of the value in bytes; 0 for a property that says something by being there. */
    public int length() {
        return value.length;
    }

    /** A copy of the raw value. */
    public byte[] bytes() {
        return value.clone();
    }

    /** The value as one unsigned 32-bit number. */
    public long u32() {
        if (value.length != Integer.BYTES) {
            throw malformed("has %d bytes where a 32-bit number was looked for".formatted(value.length));
        }
        return cell(0);
    }

    /** The value as 32-bit cells, each unsigned. */
    public long[] cells() {
        if (value.length % Integer.BYTES != 0) {
            throw malformed("has %d bytes, not whole cells of 4".formatted(value.length));
        }
        long[] cells = new long[value.length / Integer.BYTES];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cell(i);
        }
        return cells;
    }

    /** The value as strings, each ended by a zero byte; at least one. */
    public List<String> strings() {
        if (value.length == 0 || value[value.length - 1] != 0) {
            throw malformed("is not text: no zero byte ends it");
        }
        for (byte character : value) {
            if (character != 0 && (character < ' ' || character > '~')) {
                throw malformed("is not text: it has the byte 0x%02x".formatted(character & 0xff));
            }
        }
        String all = new String(value, 0, value.length - 1, StandardCharsets.US_ASCII);
        return List.of(all.split("\0", -1));
    }

    /** The value as one string. */
    public String string() {
        List<String> strings = strings();
        if (strings.size() != 1) {
            throw malformed("has %d strings where one was looked for".formatted(strings.size()));
        }
        return strings.getFirst();
    }

    private long cell(int index) {
        return Integer.toUnsignedLong((int) INT.get(value, index * Integer.BYTES));
    }

    /**
     * What a reader throws when the value cannot be what it is to be.
     *
     * @param what goes on after "it", such as {@code has 3 cells, not whole entries of 4}
     */
    public DeviceTreeException malformed(String what) {
        return new DeviceTreeException("device tree, property %s of %s: it %s".formatted(name, owner, what));
    }
}
