package dev.postern.attach;

import dev.postern.machine.RamRegion;
import dev.postern.os.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Where RAM lies in the physical address space of a q35: from 0, with the rest from 4 GiB on. In the file behind it the
 * two parts follow each other without a gap.
 *
 * @param bytes all of RAM; whole MiB
 * @param lowBytes how much of it lies below 4 GiB; whole MiB, 2 MiB to 2 GiB, at most {@code bytes}
 */
record RamLayout(long bytes, long lowBytes) implements RamMap {

    static final long MIB = 1 << 20;

    /** The most that is offered below 4 GiB; QEMU's own choice for a large machine, with the ECAM window above it. */
    static final long MAX_LOW_BYTES = 2048 * MIB;

    private static final long HIGH_PA = 1L << 32;

    /** From here to 1 MiB there are the display's window and ROM; QEMU has RAM in parts of it, which are not offered. */
    private static final long LEGACY_PA = 0xa0000;

    /** Checks the sizes. */
    RamLayout {
        checkSize(bytes);
        if (lowBytes < 2 * MIB || lowBytes % MIB != 0 || lowBytes > Math.min(bytes, MAX_LOW_BYTES)) {
            throw new MachineConfigurationException(
                    "RAM of %d bytes below 4 GiB: give whole MiB, from 2 MiB to the smaller of 2 GiB and all of RAM (%d)"
                            .formatted(lowBytes, bytes));
        }
    }

    /** Refuses a size of all RAM that no machine has. */
    static void checkSize(long bytes) {
        if (bytes < 2 * MIB || bytes % MIB != 0 || bytes > 1024 * 1024 * MIB) {
            throw new MachineConfigurationException(
                    "RAM of %d bytes: give whole MiB, from 2 MiB to 1 TiB".formatted(bytes));
        }
    }

    /** Half of RAM on either side of the hole below 4 GiB, so that the hole is met in every run. */
    static RamLayout halves(long bytes) {
        long half = bytes / 2 / MIB * MIB;
        return new RamLayout(bytes, Math.min(MAX_LOW_BYTES, Math.max(half, Math.min(bytes, 2 * MIB))));
    }

    @Override
    public long basePa() {
        return 0;
    }

    /** From 4 GiB on: QEMU has nothing there, since all its own RAM lies below, and the guest places 64-bit BARs above the top of RAM. */
    @Override
    public long privatePa() {
        return HIGH_PA;
    }

    @Override
    public List<RamRegion> regions(MemoryFile memory) {
        MemorySegment file = memory.segment();
        List<RamRegion> regions = new ArrayList<>();
        regions.add(new RamRegion(0, file.asSlice(0, LEGACY_PA)));
        regions.add(new RamRegion(MIB, file.asSlice(MIB, lowBytes - MIB)));
        if (bytes > lowBytes) {
            regions.add(new RamRegion(HIGH_PA, file.asSlice(lowBytes, bytes - lowBytes)));
        }
        return List.copyOf(regions);
    }

    @Override
    public long paOf(long offset) {
        return offset < lowBytes ? offset : HIGH_PA + offset - lowBytes;
    }

    @Override
    public boolean touches(long pa, int length) {
        return Long.compareUnsigned(pa, LEGACY_PA) < 0
                || (pa + length > MIB && pa < lowBytes)
                || (pa + length > HIGH_PA && pa < HIGH_PA + bytes - lowBytes);
    }
}
