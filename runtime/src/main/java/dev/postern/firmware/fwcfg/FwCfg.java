package dev.postern.firmware.fwcfg;

import dev.postern.machine.Machine;
import dev.postern.machine.PortSpace;
import dev.postern.memory.DevicePages;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The firmware configuration device of a PC, at the ports 0x510 to 0x51b (QEMU, docs/specs/fw_cfg).
 *
 * <p>Files are read by DMA where the device has it, else byte by byte. Sizes and counts are bounded before memory is
 * allocated for them.
 *
 * <p><b>Threads:</b> one thread, the guest's. <b>Ownership:</b> frames for DMA are borrowed for the length of a call.
 */
public final class FwCfg {

    private static final int KEY_SIGNATURE = 0;
    private static final int KEY_FEATURES = 1;
    private static final int KEY_DIRECTORY = 0x19;
    private static final byte[] SIGNATURE = "QEMU".getBytes(StandardCharsets.US_ASCII);
    /** In the first of the four little-endian bytes of features. */
    private static final int FEATURE_DMA = 1 << 1;

    private static final int MAXIMUM_FILES = 4096;
    private static final int MAXIMUM_FILE_BYTES = 64 << 20;
    private static final int ENTRY_BYTES = 64;
    private static final int ENTRY_NAME = 8;
    private static final int NAME_BYTES = 56;

    private final Channel channel;
    private final List<FwCfgFile> directory;

    private FwCfg(Channel channel, List<FwCfgFile> directory) {
        this.channel = channel;
        this.directory = directory;
    }

    /**
     * Looks for the device and reads its directory.
     *
     * @param machine the pins
     * @param pages where DMA buffers come from
     * @return empty if the machine has no ports or nothing there answers {@code QEMU}
     * @throws FwCfgException if the directory makes no sense
     */
    public static Optional<FwCfg> detect(Machine machine, DevicePages pages) {
        if (machine.ports().isEmpty()) {
            return Optional.empty();
        }
        PortSpace ports = machine.ports().get();
        PortChannel bytewise = new PortChannel(ports);
        if (!Arrays.equals(bytewise.read(KEY_SIGNATURE, SIGNATURE.length), SIGNATURE)) {
            return Optional.empty();
        }
        boolean dma = (bytewise.read(KEY_FEATURES, Integer.BYTES)[0] & FEATURE_DMA) != 0;
        Channel channel = dma ? new DmaChannel(ports, machine.cpu(), pages) : bytewise;
        return Optional.of(new FwCfg(channel, readDirectory(channel)));
    }

    private static List<FwCfgFile> readDirectory(Channel channel) {
        int count = ByteBuffer.wrap(channel.read(KEY_DIRECTORY, Integer.BYTES)).getInt();
        if (count < 0 || count > MAXIMUM_FILES) {
            throw new FwCfgException("fw_cfg: the directory says %d files; more than %d are not believed"
                    .formatted(Integer.toUnsignedLong(count), MAXIMUM_FILES));
        }
        ByteBuffer bytes = ByteBuffer.wrap(channel.read(KEY_DIRECTORY, Integer.BYTES + count * ENTRY_BYTES));
        List<FwCfgFile> files = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int entry = Integer.BYTES + i * ENTRY_BYTES;
            String name = FileName.read(bytes, entry + ENTRY_NAME, NAME_BYTES);
            int size = bytes.getInt(entry);
            if (size < 0 || size > MAXIMUM_FILE_BYTES) {
                throw new FwCfgException("fw_cfg: file %s says %d bytes; more than %d are not believed"
                        .formatted(name, Integer.toUnsignedLong(size), MAXIMUM_FILE_BYTES));
            }
            if (!names.add(name)) {
                throw new FwCfgException("fw_cfg: two files are called %s".formatted(name));
            }
            files.add(new FwCfgFile(name, bytes.getShort(entry + Integer.BYTES) & 0xffff, size));
        }
        return List.copyOf(files);
    }

    /** All files, in the order of the device. */
    public List<FwCfgFile> directory() {
        return directory;
    }

    /** Whether files are read, and can be written, by DMA. */
    public boolean hasDma() {
        return channel instanceof DmaChannel;
    }

    /**
     * Reads a whole file.
     *
     * @param name as in the directory
     * @return a copy that belongs to the caller; empty if there is no such file
     * @throws FwCfgException if the device refuses or does not answer
     */
    public Optional<byte[]> file(String name) {
        return entry(name).map(file -> channel.read(file.key(), file.size()));
    }

    /** The directory entry of that name. */
    public Optional<FwCfgFile> entry(String name) {
        return directory.stream().filter(file -> file.name().equals(name)).findFirst();
    }

    /**
     * Writes a part of a file that the device lets firmware write.
     *
     * @param file from the directory
     * @param offset of the first byte; offset and length lie inside the file
     * @param bytes what to write
     * @throws FwCfgException if the part is outside, the device has no DMA, refuses or does not answer
     */
    public void write(FwCfgFile file, int offset, byte[] bytes) {
        if (offset < 0 || offset > file.size() - bytes.length) {
            throw new FwCfgException("fw_cfg: %d bytes at offset %d are outside file %s of %d bytes"
                    .formatted(bytes.length, Integer.toUnsignedLong(offset), file.name(), file.size()));
        }
        channel.write(file.key(), offset, bytes);
    }
}
