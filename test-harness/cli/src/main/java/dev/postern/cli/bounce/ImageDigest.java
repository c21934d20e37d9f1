package dev.postern.cli.bounce;

import dev.postern.emulated.SeededContent;
import dev.postern.lab.LabDevice;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** The SHA-256 of a disk's image, read by this process and by no guest: what a guest that reads the disk must arrive at. */
final class ImageDigest {

    private static final int PIECE = 1 << 20;

    private ImageDigest() {}

    /**
     * The digest of the image.
     *
     * @throws IOException when the file cannot be read
     */
    static String of(LabDevice.Block disk) throws IOException {
        return switch (disk) {
            case LabDevice.Disk file -> {
                try (InputStream content = Files.newInputStream(file.file())) {
                    yield ofStream(content);
                }
            }
            case LabDevice.MemoryDisk memory -> ofSeed(memory.seed(), memory.bytes());
        };
    }

    /** The digest of as many zeros: what a guest reads whose buffers no device wrote to. */
    static String ofZeros(long bytes) {
        MessageDigest sha = sha256();
        byte[] zeros = new byte[PIECE];
        for (long done = 0; done < bytes; done += PIECE) {
            sha.update(zeros, 0, (int) Math.min(PIECE, bytes - done));
        }
        return hex(sha);
    }

    private static String ofStream(InputStream content) throws IOException {
        MessageDigest sha = sha256();
        byte[] piece = new byte[PIECE];
        for (int read = content.read(piece); read >= 0; read = content.read(piece)) {
            sha.update(piece, 0, read);
        }
        return hex(sha);
    }

    private static String ofSeed(long seed, long bytes) {
        MessageDigest sha = sha256();
        byte[] piece = new byte[PIECE];
        for (long done = 0; done < bytes; done += PIECE) {
            byte[] now = bytes - done < PIECE ? Arrays.copyOf(piece, (int) (bytes - done)) : piece;
            SeededContent.fill(seed, done, MemorySegment.ofArray(now));
            sha.update(now);
        }
        return hex(sha);
    }

    private static String hex(MessageDigest sha) {
        return HexFormat.of().formatHex(sha.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
