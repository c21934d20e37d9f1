package dev.postern.fakes;

import dev.postern.machine.PortSpace;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The firmware configuration device, as QEMU's documents describe it, with faults to choose. */
public final class FakeFwCfgPorts implements PortSpace {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private final PhysicalMemory memory;
    private final Map<Integer, byte[]> items = new HashMap<>();
    private final Map<String, Integer> keys = new LinkedHashMap<>();
    private int declaredFiles = -1;
    private int declaredSize = -1;
    private boolean deaf;
    private int selected = -1;
    private int offset;
    private long address;
    private int bytesByPort;

    /** DMA goes to that memory. */
    public FakeFwCfgPorts(PhysicalMemory memory) {
        this.memory = memory;
        items.put(0, "QEMU".getBytes(StandardCharsets.US_ASCII));
        items.put(1, new byte[] {3, 0, 0, 0});
    }

    /** Offers no DMA. */
    public FakeFwCfgPorts withoutDma() {
        items.put(1, new byte[] {1, 0, 0, 0});
        return this;
    }

    /** Adds a file; with the same name twice the directory has it twice. */
    public FakeFwCfgPorts file(String name, byte[] content) {
        int key = 0x20 + keys.size();
        keys.put(keys.containsKey(name) ? name + "\0again" : name, key);
        items.put(key, content);
        return this;
    }

    /** Lies about the number of files. */
    public void declareFiles(int count) {
        declaredFiles = count;
    }

    /** Lies about the size of every file. */
    public void declareSize(int bytes) {
        declaredSize = bytes;
    }

    /** From here on no DMA is ever finished. */
    public void stopAnswering() {
        deaf = true;
    }

    /** What a file holds now. */
    public byte[] content(String name) {
        return items.get(keys.get(name));
    }

    /** How many bytes were read through the data port. */
    public int bytesByPort() {
        return bytesByPort;
    }

    private byte[] item() {
        if (selected != 0x19) {
            return items.getOrDefault(selected, new byte[0]);
        }
        ByteBuffer directory = ByteBuffer.allocate(4 + 64 * keys.size());
        directory.putInt(declaredFiles >= 0 ? declaredFiles : keys.size());
        keys.forEach((name, key) -> {
            byte[] field = new byte[56];
            byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(ascii, 0, field, 0, ascii.length);
            directory.putInt(declaredSize >= 0 ? declaredSize : items.get(key).length);
            directory.putShort((short) (int) key).putShort((short) 0).put(field);
        });
        return directory.array();
    }

    @Override
    public int in8(int port) {
        if (port != 0x511) {
            return 0xff;
        }
        bytesByPort++;
        byte[] item = item();
        return offset < item.length ? item[offset++] & 0xff : 0;
    }

    @Override
    public int in16(int port) {
        return 0xffff;
    }

    @Override
    public int in32(int port) {
        return -1;
    }

    @Override
    public void out8(int port, int value) {}

    @Override
    public void out16(int port, int value) {
        if (port == 0x510) {
            selected = value;
            offset = 0;
        }
    }

    @Override
    public void out32(int port, int value) {
        long swapped = Integer.toUnsignedLong(Integer.reverseBytes(value));
        if (port == 0x514) {
            address = swapped << 32;
        } else if (port == 0x518) {
            dma(address | swapped);
        }
    }

    private void dma(long pa) {
        if (deaf) {
            return;
        }
        MemorySegment descriptor = memory.slice(pa, 16);
        int control = descriptor.get(INT, 0);
        int length = descriptor.get(INT, 4);
        if ((control & 8) != 0) {
            selected = control >>> 16;
            offset = 0;
        }
        byte[] item = item();
        boolean outside = offset + length > item.length;
        if ((control & 4) != 0) {
            offset += length;
        } else if ((control & 2) != 0) {
            MemorySegment target = memory.slice(descriptor.get(LONG, 8), length);
            target.fill((byte) 0);
            int there = Math.clamp(item.length - offset, 0, length);
            target.copyFrom(MemorySegment.ofArray(item).asSlice(offset, there));
            offset += length;
        } else if ((control & 16) != 0 && !outside) {
            MemorySegment.ofArray(item).asSlice(offset, length).copyFrom(memory.slice(descriptor.get(LONG, 8), length));
            offset += length;
        } else {
            descriptor.set(INT, 0, 1);
            return;
        }
        descriptor.set(INT, 0, 0);
    }
}
