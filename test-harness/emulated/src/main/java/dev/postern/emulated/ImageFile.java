package dev.postern.emulated;

import dev.postern.emulated.storage.FileStorage;
import dev.postern.emulated.storage.ImageInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the image of a disk, or says in one line why it cannot be used and what to do. */
final class ImageFile {

    private ImageFile() {}

    static FileStorage open(Path file, DiskAccess access) {
        check(file, access);
        FileStorage storage;
        try {
            storage = FileStorage.open(file, access);
        } catch (ImageInUseException e) {
            throw new MachineConfigurationException(
                    "disk image " + file + ": " + e.getMessage() + "; end that use, or give a copy of the image", e);
        } catch (IOException e) {
            throw new MachineConfigurationException(
                    "disk image " + file + " cannot be opened: " + e.getMessage() + "; give another file", e);
        }
        long bytes = storage.bytes();
        if (bytes == 0 || bytes % 512 != 0) {
            close(storage);
            throw new MachineConfigurationException("disk image " + file + " has " + bytes
                    + " bytes, not a whole number of 512-byte sectors: resize it with truncate -s");
        }
        return storage;
    }

    private static void check(Path file, DiskAccess access) {
        if (!Files.exists(file)) {
            throw new MachineConfigurationException(
                    "disk image " + file + " does not exist: create it, for example with truncate -s 64M");
        }
        if (!Files.isRegularFile(file)) {
            throw new MachineConfigurationException(
                    "disk image " + file + " is not a regular file: give an image file");
        }
        if (!Files.isReadable(file)) {
            throw new MachineConfigurationException("disk image " + file + " may not be read: change its permissions");
        }
        if (access == DiskAccess.READ_WRITE && !Files.isWritable(file)) {
            throw new MachineConfigurationException(
                    "disk image " + file + " may not be written: change its permissions, or make the disk read-only");
        }
    }

    private static void close(FileStorage storage) {
        try {
            storage.close();
        } catch (IOException e) {
            throw new MachineConfigurationException("disk image cannot be closed: " + e.getMessage(), e);
        }
    }
}
