package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.SeededContent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application first-sector, and the program that reads its command line and no more. */
class FirstSectorTest {

    @TempDir
    private Path folder;

    @Test
    void sectorZeroOfEachDiskIsShownToTheByte() throws Exception {
        byte[] image = new byte[1 << 16];
        new SplittableRandom(7).nextBytes(image);
        Path file = Files.write(folder.resolve("disk.img"), image);
        byte[] seeded = new byte[512];
        SeededContent.fill(5, 0, MemorySegment.ofArray(seeded));
        CommandCall call = CommandCall.of(
                "boot",
                "--device",
                "blk,file=" + file + ",ro=on",
                "--device",
                "blk,size=64K,seed=5",
                "--app",
                "first-sector");
        assertEquals(ExitStatus.DONE, call.status(), call.err());
        assertTrue(call.out().contains("blk0   " + HexFormat.of().formatHex(image, 0, 512)), call.out());
        assertTrue(call.out().contains("blk1   " + HexFormat.of().formatHex(seeded)), call.out());
        assertTrue(call.out().contains("1024 bytes in") || call.out().contains("1 KiB in"), call.out());
    }

    @Test
    void withoutADiskItSaysWhatToAdd() {
        CommandCall call = CommandCall.of("boot", "--device", "rng", "--app", "first-sector");
        assertEquals(ExitStatus.WRONG_CALL, call.status());
        assertEquals(
                "postern: first-sector needs a disk: add --device blk,file=FILE",
                call.err().strip());
    }

    @Test
    void readingTheLineAloneNeitherBootsNorOpensAnything() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Streams streams = new Streams(out, out, Terminal.none());
        String[] line = {"boot", "--device", "blk,file=" + folder.resolve("none.img"), "--app", "first-sector"};
        assertEquals(ExitStatus.DONE, ParseMain.read(line, streams, Map.of()));
        assertEquals("", bytes.toString(StandardCharsets.UTF_8));
        assertEquals(
                ExitStatus.WRONG_CALL, ParseMain.read(new String[] {"boot", "--devise", "blk"}, streams, Map.of()));
        assertTrue(bytes.toString(StandardCharsets.UTF_8).contains("did you mean '--device'?"), bytes::toString);
    }
}
