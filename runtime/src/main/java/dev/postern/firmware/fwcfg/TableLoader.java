package dev.postern.firmware.fwcfg;

import dev.postern.memory.FrameAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Runs the script {@code etc/table-loader}, by which QEMU has its firmware put files into RAM and link them (QEMU,
 * hw/acpi/bios-linker-loader.c). The commands are: allocate a file, add a file's address to a pointer in another, make a
 * checksum right, and tell the device an address. Others are skipped, as the format asks.
 *
 * <p>The script is not trusted: each offset is checked against the file that it points into. On a fault all frames are
 * given back.
 */
public final class TableLoader {

    private static final String SCRIPT = "etc/table-loader";
    private static final String ROOT_POINTER = "etc/acpi/rsdp";
    private static final int ENTRY_BYTES = 128;
    private static final int NAME_BYTES = 56;
    private static final int FIRST_NAME = 4;
    private static final int SECOND_NAME = FIRST_NAME + NAME_BYTES;
    private static final int AFTER_ONE_NAME = SECOND_NAME;
    private static final int AFTER_TWO_NAMES = SECOND_NAME + NAME_BYTES;

    private static final int ALLOCATE = 1;
    private static final int ADD_POINTER = 2;
    private static final int ADD_CHECKSUM = 3;
    private static final int WRITE_POINTER = 4;

    private final FwCfg fwCfg;
    private final LoadedFiles files;

    private TableLoader(FwCfg fwCfg, FrameAllocator frames) {
        this.fwCfg = fwCfg;
        this.files = new LoadedFiles(fwCfg, frames);
    }

    /**
     * Loads the tables.
     *
     * <p>QEMU makes the tables when the first of their files is read: what they are to describe, such as the window of
     * PCI configuration space, must be enabled before.
     *
     * @param fwCfg where script and files come from
     * @param frames where they go, below 4 GiB because some pointers have 32 bits
     * @return empty if the device has no script
     * @throws FwCfgException if the script is malformed
     */
    public static Optional<LoadedTables> load(FwCfg fwCfg, FrameAllocator frames) {
        Optional<byte[]> script = fwCfg.file(SCRIPT);
        if (script.isEmpty()) {
            return Optional.empty();
        }
        TableLoader loader = new TableLoader(fwCfg, frames);
        boolean done = false;
        try {
            loader.run(ByteBuffer.wrap(script.get()).order(ByteOrder.LITTLE_ENDIAN));
            LoadedTables tables =
                    new LoadedTables(loader.files.get(ROOT_POINTER).pa(), loader.files.ranges());
            done = true;
            return Optional.of(tables);
        } finally {
            if (!done) {
                loader.files.freeAll();
            }
        }
    }

    private void run(ByteBuffer script) {
        if (script.capacity() % ENTRY_BYTES != 0) {
            throw new FwCfgException("fw_cfg: %s has %d bytes, which are no whole commands of %d bytes"
                    .formatted(SCRIPT, script.capacity(), ENTRY_BYTES));
        }
        for (int at = 0; at < script.capacity(); at += ENTRY_BYTES) {
            ByteBuffer entry = script.slice(at, ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            switch (entry.getInt(0)) {
                case ALLOCATE -> files.allocate(name(entry, FIRST_NAME), entry.getInt(AFTER_ONE_NAME));
                case ADD_POINTER -> addPointer(entry);
                case ADD_CHECKSUM -> addChecksum(entry);
                case WRITE_POINTER -> writePointer(entry);
                default -> {
                    // Unknown commands are to be skipped.
                }
            }
        }
    }

    /** Turns an offset inside one file, which stands in another, into an address. */
    private void addPointer(ByteBuffer entry) {
        LoadedFile holder = files.get(name(entry, FIRST_NAME));
        LoadedFile target = files.get(name(entry, SECOND_NAME));
        int offset = entry.getInt(AFTER_TWO_NAMES);
        int width = width(entry, AFTER_TWO_NAMES + 4);
        long inside = holder.readPointer(offset, width);
        holder.writePointer(offset, width, target.addressOf(inside));
    }

    private void addChecksum(ByteBuffer entry) {
        files.get(name(entry, FIRST_NAME))
                .addChecksum(
                        entry.getInt(AFTER_ONE_NAME),
                        entry.getInt(AFTER_ONE_NAME + 4),
                        entry.getInt(AFTER_ONE_NAME + 8));
    }

    /** Tells the device where a file, or a place in it, has come to lie. */
    private void writePointer(ByteBuffer entry) {
        String name = name(entry, FIRST_NAME);
        FwCfgFile holder = fwCfg.entry(name)
                .orElseThrow(() -> new FwCfgException(
                        "fw_cfg: %s wants an address written to %s, which does not exist".formatted(SCRIPT, name)));
        LoadedFile target = files.get(name(entry, SECOND_NAME));
        int offset = entry.getInt(AFTER_TWO_NAMES);
        long inside = Integer.toUnsignedLong(entry.getInt(AFTER_TWO_NAMES + 4));
        int width = width(entry, AFTER_TWO_NAMES + 8);
        byte[] pointer = new byte[Long.BYTES];
        ByteBuffer.wrap(pointer).order(ByteOrder.LITTLE_ENDIAN).putLong(0, target.addressOf(inside));
        LoadedFile.requireFits(name, target.addressOf(inside), width);
        fwCfg.write(holder, offset, Arrays.copyOf(pointer, width));
    }

    private static int width(ByteBuffer entry, int offset) {
        int width = entry.get(offset) & 0xff;
        return switch (width) {
            case 1, 2, 4, 8 -> width;
            default ->
                throw new FwCfgException(
                        "fw_cfg: %s has a pointer of %d bytes; 1, 2, 4 and 8 are possible".formatted(SCRIPT, width));
        };
    }

    private static String name(ByteBuffer entry, int offset) {
        return FileName.read(entry, offset, NAME_BYTES);
    }
}
