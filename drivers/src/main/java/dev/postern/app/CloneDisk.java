package dev.postern.app;

import dev.postern.virtio.blk.BlkConfiguration;
import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;

/** Copies disk 0 onto disk 1, sector by sector, and flushes at the end. What lies behind on a larger disk 1 stays as it was. */
public final class CloneDisk implements Application {

    /** Has no state. */
    public CloneDisk() {}

    @Override
    public String name() {
        return "clone";
    }

    @Override
    public String purpose() {
        return "disk 0 onto disk 1, flushed";
    }

    @Override
    public ApplicationResult run(Guest guest) throws IOException {
        if (guest.disks().size() < 2) {
            throw new ApplicationException("clone needs two disks, %d found: add --device blk,file=FILE"
                    .formatted(guest.disks().size()));
        }
        BlkDevice source = guest.disks().get(0);
        BlkDevice target = guest.disks().get(1);
        if (target.readOnly()) {
            throw new ApplicationException(
                    "clone writes to %s, which is read-only: give it ro=off".formatted(target.name()));
        }
        if (target.sectors() < source.sectors()) {
            throw new ApplicationException("clone: %s has %d bytes, %s only %d; give a larger image"
                    .formatted(
                            source.name(),
                            source.configuration().capacityBytes(),
                            target.name(),
                            target.configuration().capacityBytes()));
        }
        long total = source.configuration().capacityBytes();
        String task = "clone " + source.name() + " to " + target.name();
        new DiskStream(source, guest.frames()).forEach((sector, pa, bytes) -> {
            target.write(sector, pa, bytes);
            guest.progress().advance(task, sector * BlkConfiguration.SECTOR + bytes, total);
        });
        target.flush();
        return ApplicationResult.of(
                target.name(), "copy of %s, %d bytes, flushed".formatted(source.name(), total), 2 * total);
    }
}
