package dev.postern.firmware.devicetree;

import dev.postern.memory.PhysRange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The blob as it lies in memory: a header, memory reservations, a block of structure and a block of names (Devicetree Specification
 * 0.4, chapter 5). It is read strictly forward, once; every access is checked against the block that it belongs to.
 */
final class FlattenedTree {

    /** Deeper than any real tree; it bounds the stack that reading takes. */
    static final int MOST_LEVELS = 64;
    /** More than any real tree has; it bounds the memory that reading takes, together with the blob's own size. */
    static final int MOST_NODES = 1 << 16;
    /** The specification allows 31 characters, existing trees have more. */
    static final int LONGEST_NAME = 255;
    /** Longer than any real path; without it, paths would take the number of nodes times the levels times the longest name. */
    static final int LONGEST_PATH = 1024;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int MAGIC = 0xd00dfeed;
    private static final int HEADER_BYTES = 40;
    private static final int TOTAL_SIZE = 4;
    private static final int STRUCTURE_OFFSET = 8;
    private static final int NAMES_OFFSET = 12;
    private static final int RESERVATIONS_OFFSET = 16;
    private static final int VERSION = 20;
    private static final int LAST_COMPATIBLE_VERSION = 24;
    private static final int NAMES_SIZE = 32;
    private static final int STRUCTURE_SIZE = 36;
    private static final int KNOWN_VERSION = 17;

    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROPERTY = 3;
    private static final int NOP = 4;
    private static final int END = 9;

    private static final int RESERVATION_BYTES = 16;

    private final byte[] blob;
    private final int total;
    private final int structureEnd;
    private final int names;
    private final int namesEnd;
    private final List<PhysRange> reserved;
    private final DeviceTreeNode root;

    private int at;
    private int nodes;

    FlattenedTree(byte[] blob) {
        this.blob = blob;
        if (blob.length < HEADER_BYTES) {
            throw new DeviceTreeException(
                    "device tree: %d bytes, the header alone has %d".formatted(blob.length, HEADER_BYTES));
        }
        int magic = word(0);
        if (magic != MAGIC) {
            throw new DeviceTreeException(
                    "device tree: it begins with 0x%08x, not with 0x%08x".formatted(magic, MAGIC));
        }
        if (Integer.compareUnsigned(word(VERSION), KNOWN_VERSION) < 0
                || Integer.compareUnsigned(word(LAST_COMPATIBLE_VERSION), KNOWN_VERSION) > 0) {
            throw new DeviceTreeException("device tree: version %s, compatible back to %s; %d can be read"
                    .formatted(
                            Integer.toUnsignedString(word(VERSION)),
                            Integer.toUnsignedString(word(LAST_COMPATIBLE_VERSION)),
                            KNOWN_VERSION));
        }
        long size = Integer.toUnsignedLong(word(TOTAL_SIZE));
        if (size < HEADER_BYTES || size > blob.length) {
            throw new DeviceTreeException(
                    "device tree: its total size is %d, %d bytes are there".formatted(size, blob.length));
        }
        total = (int) size;
        at = block("structure", STRUCTURE_OFFSET, word(STRUCTURE_SIZE), Integer.BYTES);
        structureEnd = at + word(STRUCTURE_SIZE);
        names = block("names", NAMES_OFFSET, word(NAMES_SIZE), 1);
        namesEnd = names + word(NAMES_SIZE);
        reserved = readReservations(block("reservations", RESERVATIONS_OFFSET, RESERVATION_BYTES, Long.BYTES));
        root = readRoot();
    }

    DeviceTreeNode root() {
        return root;
    }

    List<PhysRange> reserved() {
        return reserved;
    }

    /** The block's first byte, after checking that it lies inside the blob behind the header and is aligned. */
    private int block(String what, int field, int length, int alignment) {
        long offset = Integer.toUnsignedLong(word(field));
        long bytes = Integer.toUnsignedLong(length);
        if (offset < HEADER_BYTES || offset + bytes > total || offset % alignment != 0) {
            throw new DeviceTreeException(
                    "device tree: the %s at offset %d, %d bytes, do not lie aligned inside its %d bytes"
                            .formatted(what, offset, bytes, total));
        }
        return (int) offset;
    }

    private List<PhysRange> readReservations(int first) {
        List<PhysRange> ranges = new ArrayList<>();
        for (int entry = first; ; entry += RESERVATION_BYTES) {
            if (entry > total - RESERVATION_BYTES) {
                throw new DeviceTreeException(
                        "device tree: the reservations at offset %d have no end".formatted(first));
            }
            long base = (long) LONG.get(blob, entry);
            long length = (long) LONG.get(blob, entry + Long.BYTES);
            if (base == 0 && length == 0) {
                return List.copyOf(ranges);
            }
            if (base < 0 || length < 0 || base > Long.MAX_VALUE - length) {
                throw new DeviceTreeException("device tree: the reservation of 0x%x, length 0x%x, is no range of memory"
                        .formatted(base, length));
            }
            if (length > 0) {
                ranges.add(new PhysRange(base, length));
            }
        }
    }

    private DeviceTreeNode readRoot() {
        int token = token();
        if (token != BEGIN_NODE) {
            throw structure("token %s where the root begins".formatted(Integer.toUnsignedString(token)));
        }
        String name = nodeName();
        if (!name.isEmpty()) {
            throw structure("the root has the name \"%s\"".formatted(name));
        }
        DeviceTreeNode found = node("/", "", 1);
        token = token();
        if (token != END) {
            throw structure("token %s behind the root".formatted(Integer.toUnsignedString(token)));
        }
        return found;
    }

    /** What follows a node's name, up to its end. */
    private DeviceTreeNode node(String path, String name, int level) {
        if (level > MOST_LEVELS) {
            throw structure("more than %d levels of nodes".formatted(MOST_LEVELS));
        }
        if (++nodes > MOST_NODES) {
            throw structure("more than %d nodes".formatted(MOST_NODES));
        }
        Map<String, DeviceTreeProperty> properties = new LinkedHashMap<>();
        Map<String, DeviceTreeNode> children = new LinkedHashMap<>();
        while (true) {
            int token = token();
            switch (token) {
                case PROPERTY -> {
                    DeviceTreeProperty property = property(path);
                    if (!children.isEmpty()) {
                        throw structure("property %s of %s behind a child".formatted(property.name(), path));
                    }
                    if (properties.putIfAbsent(property.name(), property) != null) {
                        throw structure("property %s of %s is there twice".formatted(property.name(), path));
                    }
                }
                case BEGIN_NODE -> {
                    String child = nodeName();
                    if (child.isEmpty()) {
                        throw structure("a child of %s has no name".formatted(path));
                    }
                    String below = (level == 1 ? "/" : path + "/") + child;
                    if (below.length() > LONGEST_PATH) {
                        throw structure("a path of more than %d characters".formatted(LONGEST_PATH));
                    }
                    if (children.putIfAbsent(child, node(below, child, level + 1)) != null) {
                        throw structure("%s is there twice".formatted(below));
                    }
                }
                case END_NODE -> {
                    return new DeviceTreeNode(path, name, properties, List.copyOf(children.values()));
                }
                default -> throw structure("token %s inside %s".formatted(Integer.toUnsignedString(token), path));
            }
        }
    }

    private DeviceTreeProperty property(String owner) {
        need(2 * Integer.BYTES);
        long length = Integer.toUnsignedLong(word(at));
        long nameOffset = Integer.toUnsignedLong(word(at + Integer.BYTES));
        at += 2 * Integer.BYTES;
        if (nameOffset >= namesEnd - names) {
            throw structure("a property of %s has its name at %d, outside the names".formatted(owner, nameOffset));
        }
        int start = names + (int) nameOffset;
        String name = text(start, namesEnd, "the name of a property of " + owner);
        if (name.isEmpty()) {
            throw structure("a property of %s has no name".formatted(owner));
        }
        need(length);
        byte[] value = Arrays.copyOfRange(blob, at, at + (int) length);
        skip((int) length);
        return new DeviceTreeProperty(owner, name, value);
    }

    private String nodeName() {
        String name = text(at, structureEnd, "the name of a node");
        if (name.indexOf('/') >= 0) {
            throw structure("the name \"%s\" of a node has a slash".formatted(name));
        }
        skip(name.length() + 1);
        return name;
    }

    /** Printable characters up to a zero byte. */
    private String text(int start, int end, String what) {
        int last = start;
        while (last < end && blob[last] != 0) {
            if (blob[last] <= ' ' || blob[last] > '~') {
                throw structure("%s has the byte 0x%02x".formatted(what, blob[last] & 0xff));
            }
            if (++last - start > LONGEST_NAME) {
                throw structure("%s has more than %d characters".formatted(what, LONGEST_NAME));
            }
        }
        if (last == end) {
            throw structure("%s has no end".formatted(what));
        }
        return new String(blob, start, last - start, StandardCharsets.US_ASCII);
    }

    /** The next token that says something. */
    private int token() {
        int token;
        do {
            need(Integer.BYTES);
            token = word(at);
            at += Integer.BYTES;
        } while (token == NOP);
        return token;
    }

    private void need(long bytes) {
        if (bytes > structureEnd - at) {
            throw structure("%d bytes are needed, %d are left".formatted(bytes, structureEnd - at));
        }
    }

    /** Goes on behind so many bytes and what fills the last cell. */
    private void skip(int bytes) {
        long next = at + ((long) bytes + Integer.BYTES - 1 & -Integer.BYTES);
        need(next - at);
        at = (int) next;
    }

    private int word(int offset) {
        return (int) INT.get(blob, offset);
    }

    private DeviceTreeException structure(String what) {
        return new DeviceTreeException("device tree, before offset %d: %s".formatted(at, what));
    }
}
