package dev.postern.attach;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A disk that a storage daemon exports as a vhost-user device. Immutable.
 *
 * @param content what is on it
 * @param access whether it can be written
 * @param queues how many request queues, 1 to 128; more than one offers MQ
 * @param blockBytes the logical block size: a power of two from 512 to 2 MiB
 */
public record StorageDisk(Content content, DiskAccess access, int queues, int blockBytes) {

    private static final int MOST_QUEUES = 128;
    private static final int SECTOR = 512;
    private static final int LARGEST_BLOCK = 2 << 20;

    /** What is on a disk. */
    public sealed interface Content {}

    /**
     * An image file. The page cache of the system is used, a flush of the guest is a flush of the file, and a discard gives its space back.
     *
     * @param file the image
     * @param format how the disk lies in it
     */
    public record Image(Path file, ImageFormat format) implements Content {

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /**
     * No content: what is written is lost at once. For benchmarks, as nothing but the protocol takes time.
     *
     * @param bytes a positive multiple of 512
     * @param reads what reading does
     */
    public record Nothing(long bytes, NullReads reads) implements Content {

        @Override
        public String toString() {
            return "null, %d bytes".formatted(bytes);
        }
    }

    /** Checks what the daemon would refuse without saying why. */
    public StorageDisk {
        Objects.requireNonNull(content);
        Objects.requireNonNull(access);
        if (queues < 1 || queues > MOST_QUEUES) {
            throw new MachineConfigurationException(
                    "a disk with %d queues: give 1 to %d".formatted(queues, MOST_QUEUES));
        }
        if (blockBytes < SECTOR || blockBytes > LARGEST_BLOCK || Integer.bitCount(blockBytes) != 1) {
            throw new MachineConfigurationException(
                    "blocks of %d bytes: give a power of two from 512 to 2 MiB".formatted(blockBytes));
        }
        if (content instanceof Nothing nothing && (nothing.bytes() <= 0 || nothing.bytes() % SECTOR != 0)) {
            throw new MachineConfigurationException(
                    "a disk of %d bytes: give a positive multiple of 512".formatted(nothing.bytes()));
        }
    }

    /** A raw image that can be written, with one queue. */
    public static StorageDisk image(Path file) {
        return new StorageDisk(new Image(file, ImageFormat.RAW), DiskAccess.READ_WRITE, 1, SECTOR);
    }

    /** A disk without content that moves no byte, with one queue. */
    public static StorageDisk nothing(long bytes) {
        return new StorageDisk(new Nothing(bytes, NullReads.UNTOUCHED), DiskAccess.READ_WRITE, 1, SECTOR);
    }

    /** This, of another content. */
    public StorageDisk withContent(Content other) {
        return new StorageDisk(other, access, queues, blockBytes);
    }

    /** This, with another access. */
    public StorageDisk withAccess(DiskAccess other) {
        return new StorageDisk(content, other, queues, blockBytes);
    }

    /** This, with another number of queues. */
    public StorageDisk withQueues(int other) {
        return new StorageDisk(content, access, other, blockBytes);
    }

    /** This, with another logical block size. */
    public StorageDisk withBlockBytes(int other) {
        return new StorageDisk(content, access, queues, other);
    }

    /**
     * Looks at the file, so that no process needs to be started to be told what is wrong with it.
     *
     * @throws MachineConfigurationException when it cannot be a disk
     */
    void check() {
        if (content instanceof Image(Path file, ImageFormat format)) {
            (format == ImageFormat.RAW ? DiskFile.complaintOfRaw(file, access) : DiskFile.complaint(file, access))
                    .ifPresent(complaint -> {
                        throw new MachineConfigurationException("disk %s: %s".formatted(file, complaint));
                    });
        }
    }

    /** The daemon's node over the content, as an option; its name is {@link #NODE}. */
    Map<String, Object> node() {
        boolean readOnly = access == DiskAccess.READ_ONLY;
        Map<String, Object> cache = Map.of("direct", false, "no-flush", false);
        return switch (content) {
            case Image(Path file, ImageFormat format) ->
                Map.of(
                        "driver",
                        format.driver(),
                        "node-name",
                        NODE,
                        "read-only",
                        readOnly,
                        "discard",
                        "unmap",
                        "cache",
                        cache,
                        "file",
                        Map.of(
                                "driver",
                                "file",
                                "filename",
                                file.toAbsolutePath().toString(),
                                "read-only",
                                readOnly,
                                "discard",
                                "unmap",
                                "cache",
                                cache));
            case Nothing(long bytes, NullReads reads) ->
                Map.of(
                        "driver",
                        "null-co",
                        "node-name",
                        NODE,
                        "size",
                        bytes,
                        "latency-ns",
                        0,
                        "read-zeroes",
                        reads == NullReads.ZEROED,
                        "read-only",
                        readOnly);
        };
    }

    /** The name of the node. */
    static final String NODE = "disk";
}
