package dev.postern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class VhostBlkBenchTest {

    private static final VhostBlkCores CORES = new VhostBlkCores(
            new PinnedCore(List.of("taskset", "-c", "1")), new PinnedCore(List.of("taskset", "-c", "0")));
    private static final VhostBlkSetting SETTING = new VhostBlkSetting(VhostBlkWaiting.POLLED, VhostBlkWork.READ, 64);
    private static final VhostBlkRow ROW = new VhostBlkRow(
            VhostBlkContest.DRIVER_BESIDE_C,
            SETTING,
            List.of(run(90, 0), run(80, 0), run(100, 0), run(10, 1e9)),
            List.of(run(100, 0), run(100, 0), run(100, 0), run(100, 0)));
    private static final VhostBlkReport REPORT = new VhostBlkReport(
            List.of(new VhostBlkResult(List.of(ROW), new VhostBlkPages(2 << 20, 4096))),
            new MachineLoad(0.5, 1, 2),
            CORES,
            new OtherProcesses(List.of(new OtherProcesses.Share("a\"b", 1.2))));

    /** So many requests in a second; each took 2 µs of processor time. */
    private static VhostBlkRun run(long requests, double disturbed) {
        return new VhostBlkRun(requests, 1e9, requests * 2000.0, 0, 5000, 70_000, 0, disturbed);
    }

    private static boolean installed(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(at -> Files.isExecutable(Path.of(at, program)));
    }

    @ParameterizedTest
    @EnumSource(VhostBlkWaiting.class)
    void theCPeerServesEverySettingAtTheDaemon(VhostBlkWaiting waiting) throws Exception {
        Assumptions.assumeTrue(installed("gcc"), "needs gcc: install Debian's package gcc");
        Assumptions.assumeTrue(
                installed("qemu-storage-daemon"), "needs QEMU's storage daemon: install Debian's qemu-system-common");
        try (CompiledPeer c = CompiledPeer.build(VhostBlkProgram.PEER);
                VhostBlkDaemon daemon =
                        VhostBlkDaemon.start(new PinnedCore(List.of()), VhostBlkMedium.NOTHING, Path.of("no image"));
                AskedProgram program = AskedProgram.start(VhostBlkContest.DRIVER_BESIDE_C.peerWords(
                        daemon.sockets().getLast(), waiting, c))) {
            assertTrue(List.of(4096L, 2L << 20).contains(program.hear()[0]));
            for (VhostBlkWork work : VhostBlkWork.values()) {
                for (int depth : new int[] {1, 3, VhostBlkSetting.MOST_DEPTH}) {
                    VhostBlkRun run =
                            VhostBlkRun.of(program.ask(new VhostBlkSetting(waiting, work, depth).question(20)), 0);
                    assertTrue(run.requests() >= depth && run.nanos() >= 20e6, run::toString);
                    assertTrue(run.median() > 0 && run.median() <= run.tail(), run::toString);
                    assertEquals(0, run.bytes());
                }
            }
        }
    }

    @Test
    void aPeerAtNoSocketEndsAndIsNoFigure() throws Exception {
        Assumptions.assumeTrue(installed("gcc"), "needs gcc: install Debian's package gcc");
        try (CompiledPeer c = CompiledPeer.build(VhostBlkProgram.PEER);
                AskedProgram program = AskedProgram.start(VhostBlkContest.DRIVER_BESIDE_C.peerWords(
                        Path.of("no such socket"), VhostBlkWaiting.POLLED, c))) {
            assertTrue(
                    assertThrows(IOException.class, program::hear).getMessage().contains("has ended"));
        }
    }

    @Test
    void aDaemonThatDoesNotComeUpIsToldWithTheRemedy() {
        PinnedCore failing = new PinnedCore(List.of("false"));
        assertTrue(assertThrows(
                        IOException.class,
                        () -> VhostBlkDaemon.start(failing, VhostBlkMedium.NOTHING, Path.of("no image")))
                .getMessage()
                .contains("install Debian's package qemu-system-common"));
    }

    @Test
    void bothSidesAreStartedForTheSameWaitingAndTheSameDisk() {
        CompiledPeer c = new CompiledPeer(Path.of("folder"), "peer");
        Path socket = Path.of("socket");
        assertEquals(
                List.of("folder/peer", "socket", "blocking", "262144"),
                VhostBlkContest.DRIVER_BESIDE_C.peerWords(socket, VhostBlkWaiting.BLOCKING, c));
        List<String> direct = VhostBlkContest.DRIVER_BESIDE_C.measuredWords(socket, VhostBlkWaiting.BLOCKING);
        assertEquals(List.of("socket", "BLOCKING", "DIRECT"), direct.subList(direct.size() - 3, direct.size()));
        assertEquals(direct, VhostBlkContest.BOUNCED_BESIDE_DIRECT.peerWords(socket, VhostBlkWaiting.BLOCKING, c));
        List<String> bounced = VhostBlkContest.BOUNCED_BESIDE_DIRECT.measuredWords(socket, VhostBlkWaiting.BLOCKING);
        assertEquals("BOUNCED", bounced.getLast());
        assertEquals(direct.subList(0, direct.size() - 1), bounced.subList(0, bounced.size() - 1));
    }

    @Test
    void disturbedPairsDoNotCountWhileEnoughAreClean() {
        assertEquals(3, ROW.cleanPairs());
        assertEquals(0.9, ROW.ratio(VhostBlkRun::iops).median());
        assertEquals(90, ROW.measured(VhostBlkRun::iops).median());
        VhostBlkRow noisy = new VhostBlkRow(
                ROW.contest(), SETTING, List.of(run(50, 1e9), run(100, 0)), List.of(run(100, 0), run(100, 0)));
        assertEquals(1, noisy.cleanPairs());
        assertEquals(0.75, noisy.ratio(VhostBlkRun::iops).median());
    }

    @Test
    void aWindowIsCleanWhileOthersTookLessThanOnePercent() {
        assertTrue(run(1, 0.9e7).clean());
        assertFalse(run(1, 1.1e7).clean());
        assertFalse(new VhostBlkRun(1, 1e9, 1, 2e7, 1, 1, 0, 0).clean());
    }

    @Test
    void anAnswerIsReadAsItWasWritten() {
        VhostBlkRun run = new VhostBlkRun(7, 6, 5, 4, 3, 2, 1, 0);
        assertEquals("7 6 5 4 3 2 1", run.answer());
        assertEquals(run, VhostBlkRun.of(new long[] {7, 6, 5, 4, 3, 2, 1}, 0));
    }

    @Test
    void resultsComeAsTableAndAsDocument() {
        String table = VhostBlkTable.of(REPORT);
        assertTrue(table.contains("polled    read     64    3/4  k/s"), table);
        assertTrue(table.contains("0.90 (0.85..0.95)"), table);
        assertTrue(table.contains("memory in pages of 2048 KiB and of 4 KiB"), table);
        assertTrue(table.contains("front-ends on core 1, daemon on core 0"), table);
        String document = VhostBlkDocument.of(REPORT);
        assertTrue(document.startsWith("""
            {
              "schema": "postern.bench.vhost-blk/1",
              "load": {"before": 0.50, "after": 1.00, "processors": 2},
              "pinned": true,
              "cores": {"frontEnd": "1", "daemon": "0"},
              "others": [{"name": "a?b", "seconds": 1.2}],
              "rows": [
                {"measured": "Java", "peer": "C", "medium": "NOTHING", "waiting": "POLLED", "work": "READ", "depth": 64,\
            """), document);
        assertTrue(document.contains("\"pairs\": 4, \"cleanPairs\": 3, \"ratio\": 0.900,"), document);
        assertTrue(document.contains("\"cpuRatio\": 1.000"), document);
        assertTrue(document.endsWith("\"heapBytes\": 0.000}\n  ]\n}\n"), document);
    }

    @Test
    void coresAreTheFirstAndTheLastOfAList() {
        assertEquals("0", PinnedCore.firstOf("0-3,6"));
        assertEquals("6", PinnedCore.lastOf("0-3,6"));
        assertEquals("2", PinnedCore.firstOf("2"));
        assertEquals("2", PinnedCore.lastOf("2"));
        PinnedCore only = new PinnedCore(List.of("taskset", "-c", "2"));
        assertEquals("all on the only core, 2", new VhostBlkCores(only, only).words());
        assertEquals(
                "not pinned (no taskset)",
                new VhostBlkCores(new PinnedCore(List.of()), new PinnedCore(List.of())).words());
    }

    @Test
    void whatOthersTookIsCountedFromTheFirstLookOn() {
        assertEquals(
                new OtherProcesses.Taken("a) b (c", 12),
                OtherProcesses.Taken.of("12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 7 5 13 14 15"));
        assertEquals(50e6, CoreWait.stolenNanos("cpu  1 2 3 4 5 6 7 5 0 0\ncpu0 1 2 3"));
        assertEquals("no other process took a tenth of a second", new OtherProcesses(List.of()).words());
    }
}
