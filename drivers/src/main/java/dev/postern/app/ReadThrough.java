package dev.postern.app;

import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Reads every byte of each disk from first to last and looks at none: what a disk takes without what is done with it. */
public final class ReadThrough implements Application {

    /** Has no state. */
    public ReadThrough() {}

    @Override
    public String name() {
        return "read";
    }

    @Override
    public String purpose() {
        return "each disk read to its end, and nothing done with it";
    }

    @Override
    public ApplicationResult run(Guest guest) throws IOException {
        if (guest.disks().isEmpty()) {
            throw new ApplicationException("read needs a disk: add --device blk,file=FILE");
        }
        SequencedMap<String, String> lengths = new LinkedHashMap<>();
        long all = 0;
        for (BlkDevice disk : guest.disks()) {
            long total = disk.configuration().capacityBytes();
            String task = "read " + disk.name();
            long[] done = {0};
            new DiskStream(disk, guest.frames()).forEach((sector, pa, bytes) -> {
                done[0] += bytes;
                guest.progress().advance(task, done[0], total);
            });
            lengths.put(disk.name(), done[0] + " bytes");
            all += done[0];
        }
        return new ApplicationResult(lengths, all);
    }
}
