package dev.postern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.queue.QueueOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RingBenchTest {

    private static final RingSetting SPLIT = new RingSetting(RingKind.SPLIT, QueueOptions.Code.SPECIALISED, 0);
    private static final MachineLoad LOAD = new MachineLoad(0.5, 1, 2);
    private static final PinnedCore CORE = new PinnedCore(List.of("taskset", "-c", "1"));

    static Stream<RingSetting> settings() {
        return Stream.of(RingKind.values())
                .flatMap(ring -> Stream.of(QueueOptions.Code.values())
                        .flatMap(code -> Stream.of(0, 3).map(backends -> new RingSetting(ring, code, backends))));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everyBufferGoesRoundInEverySetting(RingSetting setting) throws Exception {
        try (RingLoops loops = new RingLoops(setting)) {
            for (int batch : new int[] {1, 3, RingKind.SIZE}) {
                // Each call checks a round of every queue.
                loops.runUntimed(batch, 40);
                loops.runTimed(batch, 300);
            }
            loops.runUntimed(1, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void theCPeerKnowsEveryRingAndAnswersBothQuestions(RingSetting setting) throws Exception {
        Assumptions.assumeTrue(
                Stream.of(System.getenv("PATH").split(":")).anyMatch(at -> Files.isExecutable(Path.of(at, "gcc"))),
                "needs gcc: install Debian's package gcc");
        try (CompiledPeer peer = CompiledPeer.build(RingProgram.PEER);
                AskedProgram program = AskedProgram.start(peer.words())) {
            assertTrue(program.ask("bursts %s 32 64000".formatted(setting.ring()))[0] > 0);
            long[] percentiles = program.ask("latency %s 100000 1000".formatted(setting.ring()));
            assertEquals(LatencyRow.PERCENTS.size() + 1, percentiles.length);
            for (int i = 1; i < percentiles.length - 1; i++) {
                assertTrue(percentiles[i - 1] <= percentiles[i], "percentiles go down");
            }
        }
    }

    @Test
    void aProgramThatHasEndedIsAnErrorAndNoFigure() throws Exception {
        try (AskedProgram program = AskedProgram.start(List.of("true"))) {
            assertThrows(IOException.class, () -> {
                program.ask("bursts SPLIT 1 1");
                program.ask("bursts SPLIT 1 1");
            });
        }
    }

    @Test
    void ringResultsComeAsTableAndAsDocument() {
        List<RingRow> rows = List.of(new RingRow(SPLIT, 32, List.of(6.0, 9.0, 7.0), List.of(5.0, 6.0, 7.0), 0));
        assertTrue(RingTable.of(rows, LOAD, CORE).contains("1.20 (1.10..1.35)"), RingTable.of(rows, LOAD, CORE));
        assertEquals("""
            {
              "schema": "postern.bench.ring/1",
              "load": {"before": 0.50, "after": 1.00, "processors": 2},
              "pinned": true,
              "rows": [
                {"ring": "SPLIT", "batch": 32, "specialised": true, "backends": 0, "pairs": 3, "ns": {"lower": 6.500, "median": 7.000, "upper": 8.000}, "peerNs": {"lower": 5.500, "median": 6.000, "upper": 6.500}, "ratio": 1.200, "ratioQuartiles": [1.100, 1.350], "bytes": 0.000}
              ]
            }
            """, RingDocument.of(rows, LOAD, CORE));
    }

    @Test
    void latenciesComeAsTableAndAsDocument() {
        List<LatencyRow> rows = List.of(new LatencyRow(
                SPLIT, 500_000, 1000, List.of(new long[] {100, 200, 300, 400, 500, 600}), List.of(new long[] {
                    50, 100, 100, 200, 100, 100
                })));
        assertTrue(LatencyTable.of(rows, LOAD, CORE).contains("p99.99              400          200     2.00"));
        String document = LatencyDocument.of(rows, LOAD, CORE);
        assertTrue(document.contains("\"ratio\": 2.000, \"percentiles\": [{\"percent\": 50.0, \"ns\": 100,"), document);
        assertTrue(document.contains("{\"percent\": 100, \"ns\": 600, \"peerNs\": 100, \"ratio\": 6.000}]"), document);
    }
}
