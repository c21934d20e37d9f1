package dev.postern.firmware.devicetree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a flattened tree by the specification, apart from the reader. */
public final class TreeBlob {

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private final Map<String, Integer> nameOffsets = new LinkedHashMap<>();
    private final ByteArrayOutputStream reservations = new ByteArrayOutputStream();

    /** Nothing is in it yet. */
    public TreeBlob() {}

    /** Begins a node. */
    public TreeBlob begin(String name) {
        word(1);
        text(structure, name);
        return this;
    }

    /** Ends the node that was begun last. */
    public TreeBlob end() {
        word(2);
        return this;
    }

    /** A property of cells. */
    public TreeBlob cells(String name, long... cells) {
        ByteBuffer value = ByteBuffer.allocate(4 * cells.length);
        for (long cell : cells) {
            value.putInt((int) cell);
        }
        return bytes(name, value.array());
    }

    /** A property of strings. */
    public TreeBlob strings(String name, String... strings) {
        return bytes(name, (String.join("\0", strings) + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    /** A property of raw bytes. */
    public TreeBlob bytes(String name, byte... value) {
        int offset = nameOffsets.computeIfAbsent(name, fresh -> {
            int at = names.size();
            names.writeBytes((fresh + "\0").getBytes(StandardCharsets.US_ASCII));
            return at;
        });
        word(3);
        word(value.length);
        word(offset);
        structure.writeBytes(value);
        pad(structure);
        return this;
    }

    /** A raw token. */
    public TreeBlob word(int word) {
        structure.writeBytes(ByteBuffer.allocate(4).putInt(word).array());
        return this;
    }

    /** A range of the reservation block. */
    public TreeBlob reserve(long base, long length) {
        reservations.writeBytes(
                ByteBuffer.allocate(16).putLong(base).putLong(length).array());
        return this;
    }

    /** The whole blob; the structure gets its end. */
    public byte[] blob() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(structure.toByteArray());
        block.writeBytes(new byte[] {0, 0, 0, 9});
        int reservationBytes = reservations.size() + 16;
        int structureAt = 40 + reservationBytes;
        int namesAt = structureAt + block.size();
        ByteBuffer blob = ByteBuffer.allocate(namesAt + names.size());
        blob.putInt(0xd00dfeed).putInt(blob.capacity()).putInt(structureAt).putInt(namesAt);
        blob.putInt(40).putInt(17).putInt(16).putInt(0).putInt(names.size()).putInt(block.size());
        blob.put(reservations.toByteArray()).put(new byte[16]);
        blob.put(block.toByteArray()).put(names.toByteArray());
        return blob.array();
    }

    private static void text(ByteArrayOutputStream to, String text) {
        to.writeBytes((text + "\0").getBytes(StandardCharsets.US_ASCII));
        pad(to);
    }

    private static void pad(ByteArrayOutputStream to) {
        while (to.size() % 4 != 0) {
            to.write(0);
        }
    }

    /** Pools at 0x80000000 (64 MiB, used by the PCI host) and another without users, in a machine called by that method. */
    public static TreeBlob protectedGuest(String psciMethod) {
        return new TreeBlob()
                .reserve(0x4000_0000L, 0x1000)
                .begin("")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .begin("psci")
                .strings("compatible", "arm,psci-1.0", "arm,psci-0.2")
                .strings("method", psciMethod)
                .end()
                .begin("reserved-memory")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .bytes("ranges")
                .begin("pool@80000000")
                .strings("compatible", "restricted-dma-pool")
                .cells("reg", 0, 0x8000_0000L, 0, 0x400_0000)
                .cells("phandle", 7)
                .end()
                .begin("idle@90000000")
                .strings("compatible", "restricted-dma-pool")
                .cells("reg", 0, 0x9000_0000L, 0, 0x400_0000)
                .cells("phandle", 8)
                .end()
                .end()
                .begin("pci@30000000")
                .cells("memory-region", 7)
                .cells("#address-cells", 3)
                .cells("#size-cells", 2)
                .cells("ranges", 0x0200_0000, 0, 0x1000_0000, 1, 0x2000_0000, 0, 0x100_0000)
                .end()
                .end();
    }
}
