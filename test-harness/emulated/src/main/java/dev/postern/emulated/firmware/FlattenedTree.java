package dev.postern.emulated.firmware;

import dev.postern.emulated.SharedPages.Range;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a flattened device tree, version 17 (Devicetree Specification 0.4, chapter 5): numbers are big-endian, tokens lie on
 * multiples of 4. Properties of a node come before its children, and the caller closes what it opens.
 */
final class FlattenedTree {

    private static final int MAGIC = 0xd00d_feed;
    private static final int HEADER = 40;
    private static final int VERSION = 17;
    private static final int COMPATIBLE_VERSION = 16;

    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROPERTY = 3;
    private static final int END = 9;

    private static final int RESERVATION = 16;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new LinkedHashMap<>();

    FlattenedTree open(String node) {
        put32(structure, BEGIN_NODE);
        structure.writeBytes(terminated(node));
        align();
        return this;
    }

    FlattenedTree close() {
        put32(structure, END_NODE);
        return this;
    }

    /** A property without a value. */
    FlattenedTree flag(String name) {
        return property(name, new byte[0]);
    }

    FlattenedTree text(String name, String value) {
        return property(name, terminated(value));
    }

    /** A property of several strings. */
    FlattenedTree texts(String name, String... values) {
        return text(name, String.join("\0", values));
    }

    /** A property of 32-bit cells. */
    FlattenedTree cells(String name, int... cells) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * cells.length);
        bytes.asIntBuffer().put(cells);
        return property(name, bytes.array());
    }

    /** A property of pairs of cells. */
    FlattenedTree wide(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length);
        bytes.asLongBuffer().put(values);
        return property(name, bytes.array());
    }

    private FlattenedTree property(String name, byte[] value) {
        put32(structure, PROPERTY);
        put32(structure, value.length);
        put32(structure, names.computeIfAbsent(name, this::added));
        structure.writeBytes(value);
        align();
        return this;
    }

    private int added(String name) {
        int at = strings.size();
        strings.writeBytes(terminated(name));
        return at;
    }

    private static byte[] terminated(String text) {
        return (text + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    private void align() {
        while (structure.size() % 4 != 0) {
            structure.write(0);
        }
    }

    private static void put32(ByteArrayOutputStream into, int value) {
        into.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    }

    /** The whole tree, with the ranges of memory that nobody may use. */
    byte[] bytes(List<Range> reserved) {
        put32(structure, END);
        // An empty one ends the list.
        int structureAt = HEADER + RESERVATION * (reserved.size() + 1);
        int stringsAt = structureAt + structure.size();
        int total = stringsAt + strings.size();
        ByteBuffer blob = ByteBuffer.allocate(total)
                .putInt(MAGIC)
                .putInt(total)
                .putInt(structureAt)
                .putInt(stringsAt)
                .putInt(HEADER)
                .putInt(VERSION)
                .putInt(COMPATIBLE_VERSION)
                .putInt(0)
                .putInt(strings.size())
                .putInt(structure.size());
        reserved.forEach(range -> blob.putLong(range.basePa()).putLong(range.length()));
        return blob.putLong(0)
                .putLong(0)
                .put(structure.toByteArray())
                .put(strings.toByteArray())
                .array();
    }
}
