package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.lab.DiskAccess;
import dev.postern.lab.LabDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks image files before a machine opens any, so that every machine says the same of them. Nothing is opened here:
 * closing a file would drop locks that this process holds on it.
 */
final class DiskFiles {

    private static final int SECTOR = 512;

    private DiskFiles() {}

    /**
     * Checks every file, and that none is used twice where one use writes.
     *
     * @throws WrongCallException with what to do about the first that is wrong
     */
    static void check(List<LabDevice> devices) {
        List<LabDevice.Disk> before = new ArrayList<>();
        for (LabDevice device : devices) {
            if (device instanceof LabDevice.Disk disk) {
                check(disk);
                for (LabDevice.Disk other : before) {
                    requireApart(other, disk);
                }
                before.add(disk);
            }
        }
    }

    private static void check(LabDevice.Disk disk) {
        Path file = disk.file();
        if (!Files.exists(file)) {
            throw wrong(file, "does not exist: name an image that does, or make one with truncate -s 64M FILE");
        }
        if (Files.isDirectory(file)) {
            throw wrong(file, "is a directory: name an image file");
        }
        if (!Files.isRegularFile(file)) {
            throw wrong(file, "is not a regular file: name a raw disk image");
        }
        if (!Files.isReadable(file)) {
            throw wrong(file, "may not be read: give yourself permission with chmod u+r");
        }
        if (disk.access() == DiskAccess.READ_WRITE && !Files.isWritable(file)) {
            throw wrong(file, "may not be written: add ro=on to read it only, or give yourself permission");
        }
        long bytes = size(file);
        if (bytes == 0) {
            throw wrong(file, "is empty: give it a size, such as truncate -s 64M FILE");
        }
        if (bytes % SECTOR != 0) {
            throw wrong(
                    file,
                    "has %d bytes, no multiple of 512: round a copy of it up with truncate -s %%512 FILE"
                            .formatted(bytes));
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw wrong(file, "cannot be examined (%s): name another image".formatted(e.getMessage()));
        }
    }

    private static void requireApart(LabDevice.Disk one, LabDevice.Disk other) {
        boolean writes = one.access() == DiskAccess.READ_WRITE || other.access() == DiskAccess.READ_WRITE;
        try {
            if (writes && Files.isSameFile(one.file(), other.file())) {
                throw wrong(
                        other.file(),
                        "is behind both '%s' and '%s', and one of them writes: add ro=on to both, or give a copy"
                                .formatted(one.id(), other.id()));
            }
        } catch (IOException e) {
            throw wrong(other.file(), "cannot be examined (%s): name another image".formatted(e.getMessage()));
        }
    }

    private static WrongCallException wrong(Path file, String what) {
        return new WrongCallException("image %s %s".formatted(file, what));
    }
}
