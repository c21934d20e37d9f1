package dev.postern.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/** Disk images for tests, and what is known of them without any driver. */
final class Images {

    static final int SECTOR = 512;
    static final long MIB = 1 << 20;
    static final long GIB = 1 << 30;

    private Images() {}

    /** An image of random bytes. */
    static Path random(Path folder, String name, long bytes) throws IOException {
        SplittableRandom random = new SplittableRandom(Seed.value() + name.hashCode());
        Path file = folder.resolve(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += MIB) {
                byte[] piece = new byte[(int) Math.min(MIB, bytes - at)];
                random.nextBytes(piece);
                channel.write(ByteBuffer.wrap(piece), at);
            }
        }
        return file;
    }

    /** An image of zeros that takes no room. */
    static Path sparse(Path folder, String name, long bytes) throws IOException {
        Path file = folder.resolve(name);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.allocate(1), bytes - 1);
        }
        return file;
    }

    /** Writes into an image. */
    static void put(Path file, long position, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        }
    }

    /** Reads from an image. */
    static byte[] get(Path file, long position, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer into = ByteBuffer.allocate(length);
            while (into.hasRemaining() && channel.read(into, position + into.position()) > 0) {
                // A read may stop short.
            }
            return into.array();
        }
    }

    /** The SHA-256 of a file, in hex. */
    static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha.digest());
    }
}
