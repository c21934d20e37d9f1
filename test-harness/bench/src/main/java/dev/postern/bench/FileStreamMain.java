package dev.postern.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * What a disk is put beside: the same file by a FileChannel in one process, {@code digest} or {@code read}, in pieces as large as the
 * applications of that name ask of a disk. Prints the digest and the seconds that it took without the start of the JVM.
 */
public final class FileStreamMain {

    private static final int PIECE = 256 * 1024;

    private FileStreamMain() {}

    /** Called with what to do and the file. */
    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        StreamWork work = StreamWork.valueOf(args[0].toUpperCase(Locale.ROOT));
        long start = System.nanoTime();
        String said = work == StreamWork.DIGEST ? digest(Path.of(args[1])) : read(Path.of(args[1])) + " bytes";
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println(said);
        System.out.println(String.format(Locale.ROOT, "\"seconds\" : %.6f", seconds));
    }

    private static String digest(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
            while (channel.read(buffer) >= 0) {
                sha.update(buffer.flip());
                buffer.clear();
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private static long read(Path file) throws IOException {
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
            int got;
            while ((got = channel.read(buffer)) >= 0) {
                bytes += got;
                buffer.clear();
            }
        }
        return bytes;
    }
}
