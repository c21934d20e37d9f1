package dev.postern.app;

import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkConfiguration;
import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Sector 0 of each disk in hex, every byte of it: the least that shows that a disk can be read, and what a boot sector holds. */
public final class FirstSector implements Application {

    /** Has no state. */
    public FirstSector() {}

    @Override
    public String name() {
        return "first-sector";
    }

    @Override
    public String purpose() {
        return "sector 0 of each disk in hex";
    }

    @Override
    public ApplicationResult run(Guest guest) throws IOException {
        if (guest.disks().isEmpty()) {
            throw new ApplicationException("first-sector needs a disk: add --device blk,file=FILE");
        }
        SequencedMap<String, String> sectors = new LinkedHashMap<>();
        for (BlkDevice disk : guest.disks()) {
            if (disk.sectors() == 0) {
                throw new ApplicationException(
                        "%s has no sector: give it an image that is not empty".formatted(disk.name()));
            }
            sectors.put(disk.name(), read(disk, guest));
        }
        return new ApplicationResult(sectors, (long) sectors.size() * BlkConfiguration.SECTOR);
    }

    private static String read(BlkDevice disk, Guest guest) throws IOException {
        BlkConfiguration configuration = disk.configuration();
        long block = Math.min(configuration.blockSize(), configuration.capacityBytes());
        PhysRange buffer = guest.frames().allocate(block, FrameRequest.ANY);
        try {
            disk.read(0, buffer.basePa(), block);
            return HexFormat.of()
                    .formatHex(guest.frames()
                            .memory()
                            .slice(buffer.basePa(), BlkConfiguration.SECTOR)
                            .toArray(ValueLayout.JAVA_BYTE));
        } finally {
            disk.release(buffer);
        }
    }
}
