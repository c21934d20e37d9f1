package dev.postern.cli.bounce;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.cli.device.DeviceParser;
import dev.postern.emulated.SeededContent;
import dev.postern.lab.LabDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDigestTest {

    /** More than a piece, and no multiple of one. */
    private static final int BYTES = (1 << 20) + 1536;

    @TempDir
    private Path folder;

    @Test
    void aFileIsReadToItsEnd() throws Exception {
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("disk.img"), content);
        assertEquals(sha256(content), ImageDigest.of(disk("blk,ro=on,file=" + file)));
    }

    @Test
    void aDiskInMemoryIsMadeFromItsSeed() throws Exception {
        byte[] content = new byte[BYTES];
        SeededContent.fill(7, 0, MemorySegment.ofArray(content));
        assertEquals(sha256(content), ImageDigest.of(disk("blk,size=%d,seed=7".formatted(BYTES))));
    }

    @Test
    void zerosAreZeros() throws Exception {
        assertEquals(sha256(new byte[BYTES]), ImageDigest.ofZeros(BYTES));
    }

    private static LabDevice.Block disk(String spec) throws IOException {
        return (LabDevice.Block) DeviceParser.parse(List.of(spec)).getFirst();
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
