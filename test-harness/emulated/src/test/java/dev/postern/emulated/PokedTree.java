package dev.postern.emulated;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The tests' own reader of a flattened device tree: every property by its path, such as {@code /psci/method}. */
final class PokedTree {

    private final ByteBuffer blob;
    private final int strings;
    private final Map<String, ByteBuffer> properties = new HashMap<>();
    private int at;

    PokedTree(byte[] bytes) {
        blob = ByteBuffer.wrap(bytes);
        if (blob.getInt(0) != 0xd00dfeed || blob.getInt(4) != bytes.length || blob.getInt(20) != 17) {
            throw new AssertionError("not a device tree of version 17");
        }
        strings = blob.getInt(12);
        at = blob.getInt(8);
        int end = at + blob.getInt(36);
        token(1);
        node("", name());
        token(9);
        if (at != end) {
            throw new AssertionError("the structure ends at " + at + ", not " + end);
        }
    }

    private void token(int expected) {
        if (blob.getInt(at) != expected) {
            throw new AssertionError("token " + blob.getInt(at) + " at " + at + ", not " + expected);
        }
        at += 4;
    }

    private String name() {
        String name = text(at);
        at = at + name.length() + 1 + 3 & ~3;
        return name;
    }

    private String text(int from) {
        StringBuilder text = new StringBuilder();
        for (int i = from; blob.get(i) != 0; i++) {
            text.append((char) blob.get(i));
        }
        return text.toString();
    }

    private void node(String parent, String name) {
        String path = name.isEmpty() ? parent : parent + "/" + name;
        while (blob.getInt(at) == 3) {
            int length = blob.getInt(at + 4);
            properties.put(path + "/" + text(strings + blob.getInt(at + 8)), blob.slice(at + 12, length));
            at = at + 12 + length + 3 & ~3;
        }
        while (blob.getInt(at) == 1) {
            at += 4;
            node(path, name());
        }
        token(2);
    }

    ByteBuffer get(String path) {
        ByteBuffer value = properties.get(path);
        if (value == null) {
            throw new AssertionError("no " + path + " in " + properties.keySet());
        }
        return value;
    }

    boolean has(String path) {
        return properties.containsKey(path);
    }

    String string(String path) {
        ByteBuffer value = get(path);
        byte[] bytes = new byte[value.limit() - 1];
        value.get(0, bytes);
        return new String(bytes);
    }
}
