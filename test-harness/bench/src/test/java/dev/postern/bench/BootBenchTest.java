package dev.postern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class BootBenchTest {

    private static final Path HOME = Path.of("home");
    private static final BootRow ROW = new BootRow(
            BootCache.AOT,
            List.of(new ProcessRun(300e6, 290e6), new ProcessRun(200e6, 190e6), new ProcessRun(400e6, 390e6)),
            List.of(new ProcessRun(200e6, 200e6), new ProcessRun(100e6, 100e6), new ProcessRun(100e6, 100e6)),
            330e6,
            220e6);

    @Test
    void bothProgramsGetTheSameWordsAndOptionsButForProgramAndCache() {
        for (BootCache cache : BootCache.values()) {
            List<String> boot = BootBenchmark.words(HOME, cache, BootProgram.BOOT, "a,b.img");
            List<String> parse = BootBenchmark.words(HOME, cache, BootProgram.PARSE, "a,b.img");
            assertEquals(
                    boot.stream()
                            .map(word -> word.replace(BootProgram.BOOT.cache(), BootProgram.PARSE.cache()))
                            .map(word -> word.replace("cli.Main", "cli.ParseMain"))
                            .toList(),
                    parse);
            assertFalse(boot.equals(parse));
            assertEquals(
                    List.of("boot", "--device", "blk,file=a,,b.img,ro=on", "--app", "first-sector"),
                    boot.subList(boot.size() - 5, boot.size()));
            assertEquals(
                    cache == BootCache.AOT, boot.stream().anyMatch(word -> word.startsWith("-XX:AOTCache=" + HOME)));
        }
    }

    @Test
    void quartilesAreThoseOfPairsAndTheSectorComesBeforeTheEnd() {
        assertEquals(300e6, ROW.boot(Quantile.MEDIAN));
        assertEquals(250e6, ROW.boot(Quantile.LOWER));
        assertEquals(290e6, ROW.sector(Quantile.MEDIAN));
        assertEquals(100e6, ROW.parse(Quantile.MEDIAN));
        assertEquals(2.0, ROW.ratio(Quantile.MEDIAN));
        assertEquals(3.0, ROW.ratio(Quantile.UPPER));
        assertEquals(1.5, ROW.cpuRatio());
    }

    @Test
    void resultsComeAsTableAndAsDocument() {
        MachineLoad load = new MachineLoad(0.5, 2.25, 2);
        assertTrue(
                BootTable.of(List.of(ROW), load)
                        .contains("300 (250..350)         290       100 (100..150)         2.00 (1.75..3.00)"),
                BootTable.of(List.of(ROW), load));
        assertEquals("""
            {
              "schema": "postern.bench.boot/1",
              "processors": 2,
              "loadBefore": 0.50,
              "loadAfter": 2.25,
              "rows": [
                {"cache": "AOT", "pairs": 3, "bootMs": {"lower": 250.000, "median": 300.000, "upper": 350.000}, "sectorMs": {"lower": 240.000, "median": 290.000, "upper": 340.000}, "parseMs": {"lower": 100.000, "median": 100.000, "upper": 150.000}, "ratio": {"lower": 1.750, "median": 2.000, "upper": 3.000}, "bootCpuMs": 330.000, "parseCpuMs": 220.000, "cpuRatio": 1.500}
              ]
            }
            """, BootDocument.of(List.of(ROW), load));
    }

    @Test
    void processorTimeThatIsNotKnownIsNullInTheDocument() {
        BootRow row = new BootRow(BootCache.NONE, ROW.boots(), ROW.parses(), Double.NaN, Double.NaN);
        String document = BootDocument.of(List.of(row), new MachineLoad(-1, -1, 1));
        assertTrue(document.contains("\"bootCpuMs\": null, \"parseCpuMs\": null, \"cpuRatio\": null"), document);
    }

    @Test
    void aProgramThatFailsOrReadsSomethingElseIsNoMeasurement() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessRun run = new MeasuredProgram(List.of(java, "--version"), "25").run();
        assertTrue(run.nanosToLine() > 0 && run.nanosToLine() <= run.nanos(), run.toString());
        assertTrue(assertThrows(IOException.class, new MeasuredProgram(List.of(java, "--version"), "no such line")::run)
                .getMessage()
                .contains("did not print no such line"));
        assertTrue(assertThrows(IOException.class, new MeasuredProgram(List.of(java, "NoSuchClass"), "")::run)
                .getMessage()
                .contains("ended with status 1"));
    }

    @Test
    void theTimeOfChildrenIsReadBehindANameThatHoldsAnything() {
        assertEquals(OptionalDouble.of(120e6), ChildTime.nanos("12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 7 5 20 0 1"));
        assertEquals(OptionalDouble.empty(), ChildTime.nanos("12 (java) S 1"));
    }

    @Test
    void withoutTheLaunchersFolderItSaysHowToStartIt() {
        String before = System.clearProperty(BootBenchmark.HOME);
        try {
            assertTrue(assertThrows(IOException.class, () -> new BootBenchmark().run(Effort.QUICK, (done, all) -> {}))
                    .getMessage()
                    .contains("./postern bench boot"));
        } finally {
            if (before != null) {
                System.setProperty(BootBenchmark.HOME, before);
            }
        }
    }
}
