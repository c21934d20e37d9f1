package dev.postern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DigestBenchTest {

    private static final DigestRow ROW = new DigestRow(
            StreamWork.DIGEST,
            100 << 20,
            List.of(new StreamRun(3e9, 2e9), new StreamRun(4e9, 2e9), new StreamRun(5e9, 1e9)),
            List.of(new StreamRun(2e9, 1e9), new StreamRun(2e9, 1e9), new StreamRun(2e9, 1e9)));

    @TempDir
    private Path folder;

    @Test
    void bothProgramsReadTheSameImageWithTheSameCollector() {
        List<String> guest = DigestBenchmark.guestWords(Path.of("home"), StreamWork.READ, Path.of("a,b.img"));
        List<String> file = DigestBenchmark.fileWords(StreamWork.READ, Path.of("a,b.img"));
        assertTrue(guest.contains("-XX:+UseSerialGC"), guest::toString);
        assertTrue(file.contains("-XX:+UseSerialGC"), file::toString);
        assertEquals(
                List.of("--device", "blk,file=a,,b.img,ro=on", "--app", "read", "--json"),
                guest.subList(guest.size() - 5, guest.size()));
        assertEquals(List.of("read", "a,b.img"), file.subList(file.size() - 2, file.size()));
    }

    @Test
    void theProgramBesideHashesTheFileAndSaysHowLongItTook() throws Exception {
        Path image = Files.writeString(folder.resolve("image"), "abc");
        // FIPS 180-2, appendix B.1.
        String digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        StreamRun run = new StreamProgram(DigestBenchmark.fileWords(StreamWork.DIGEST, image), digest).run();
        assertTrue(run.streamNanos() > 0 && run.streamNanos() < run.nanos(), run.toString());
        StreamProgram wrong = new StreamProgram(DigestBenchmark.fileWords(StreamWork.READ, image), "4 bytes");
        assertTrue(assertThrows(IOException.class, wrong::run).getMessage().contains("read something else"));
    }

    @Test
    void ratiosAreThoseOfPairsWithTheStartAndWithout() {
        assertEquals(2.0, ROW.ratio(Quantile.MEDIAN));
        assertEquals(2.0, ROW.streamRatio(Quantile.MEDIAN));
        assertEquals(1.5, ROW.streamRatio(Quantile.LOWER));
        assertEquals(50.0, ROW.guestRate());
        assertEquals(100.0, ROW.fileRate());
    }

    @Test
    void resultsComeAsTableAndAsDocument() {
        MachineLoad load = new MachineLoad(0.5, 2.25, 2);
        assertTrue(
                DigestTable.of(List.of(ROW), load).contains("digest      3       4.00      2.00  2.00 (1.75..2.25)"),
                () -> DigestTable.of(List.of(ROW), load));
        assertTrue(
                DigestDocument.of(List.of(ROW), load).contains("\"ratio\": 2.000, \"ratioLower\": 1.750"),
                () -> DigestDocument.of(List.of(ROW), load));
    }
}
