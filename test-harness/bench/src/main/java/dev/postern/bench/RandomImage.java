package dev.postern.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** The image of a disk without holes. */
final class RandomImage {

    private static final int MIB = 1 << 20;
    private static final long SEED = 1;

    private RandomImage() {}

    /** Writes random content, whole MiB, always the same; returns its SHA-256 in hex. */
    static String fill(Path image, long bytes) throws IOException {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] piece = new byte[MIB];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(image))) {
            for (long at = 0; at < bytes; at += piece.length) {
                random.nextBytes(piece);
                sha.update(piece);
                out.write(piece);
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }
}
