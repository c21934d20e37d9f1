package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeterminismTest {

    private static final int BATCH = 8;

    /** What a guest with two disks and a source of entropy sees, and what the machine traced. */
    private record Run(List<Integer> usedIds, List<DeviceEvent> trace, byte[] entropy) {}

    private static Run run(long seed, Completion completion) {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .seed(seed)
                .completion(completion)
                .traceCapacity(10_000)
                .device(SeededDisk.of(1 << 20, 7).id("a"))
                .device(SeededDisk.of(1 << 20, 8).id("b"))
                .device(Rng.of())
                .build()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            PokedDevice a = new PokedDevice(machine, buses, 0, 1).start(PokedDevice.VERSION_1);
            PokedDevice b = new PokedDevice(machine, buses, 0, 2).start(PokedDevice.VERSION_1);
            PokedDevice rng = new PokedDevice(machine, buses, 0, 3).start(PokedDevice.VERSION_1);
            List<Integer> ids = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                for (PokedDevice disk : List.of(a, b)) {
                    disk.header(4, 0);
                    for (int i = 0; i < BATCH; i++) {
                        disk.descriptor(2 * i, disk.header(), 16, PokedDevice.NEXT, 2 * i + 1);
                        disk.descriptor(2 * i + 1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
                        disk.offer(2 * i);
                    }
                    disk.kick(0);
                }
                rng.descriptor(0, rng.data(), 64, PokedDevice.WRITE, 0);
                rng.offer(0);
                rng.kick(0);
                machine.cpu().relax();
                for (PokedDevice disk : List.of(a, b)) {
                    assertEquals((round + 1) * BATCH, disk.usedIndex(), "seed " + seed);
                    for (int i = 0; i < BATCH; i++) {
                        ids.add(disk.usedId(round * BATCH + i));
                    }
                }
            }
            assertEquals(List.of(), machine.guestErrors());
            return new Run(ids, machine.trace(), rng.data(64));
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        Run first = run(11, Completion.SHUFFLED);
        Run second = run(11, Completion.SHUFFLED);
        assertEquals(first.usedIds(), second.usedIds());
        assertEquals(first.trace(), second.trace());
        assertEquals(List.of(wrap(first.entropy())), List.of(wrap(second.entropy())));
        assertFalse(first.trace().isEmpty());
    }

    private static String wrap(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }

    @Test
    void anotherSeedGivesAnotherOrderOfDevicesAndCompletions() {
        List<Run> runs = IntStream.range(0, 8)
                .mapToObj(seed -> run(seed, Completion.SHUFFLED))
                .toList();
        assertNotEquals(
                1, runs.stream().map(Run::usedIds).distinct().count(), "completions in one order for seeds 0 to 7");
        assertNotEquals(
                1, runs.stream().map(r -> wrap(r.entropy())).distinct().count(), "the same entropy for seeds 0 to 7");
        assertNotEquals(
                1,
                runs.stream()
                        .map(r -> r.trace().stream()
                                .filter(e -> e.what().contains("head 0 served"))
                                .map(DeviceEvent::device)
                                .toList())
                        .distinct()
                        .count(),
                "devices served in one order for seeds 0 to 7");
    }

    @Test
    void aShuffledBatchHoldsEveryRequestOnce() {
        Run run = run(3, Completion.SHUFFLED);
        List<Integer> heads = IntStream.range(0, BATCH).map(i -> 2 * i).boxed().toList();
        for (int at = 0; at < run.usedIds().size(); at += BATCH) {
            assertEquals(
                    heads,
                    run.usedIds().subList(at, at + BATCH).stream().sorted().toList());
        }
    }

    @Test
    void inSubmissionOrderMeansThat() {
        Run run = run(3, Completion.IN_SUBMISSION_ORDER);
        List<Integer> heads = IntStream.range(0, BATCH).map(i -> 2 * i).boxed().toList();
        for (int at = 0; at < run.usedIds().size(); at += BATCH) {
            assertEquals(heads, run.usedIds().subList(at, at + BATCH));
        }
    }

    @Test
    void theTraceKeepsTheNewestOnly() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .traceCapacity(3)
                .device(SeededDisk.of(512, 1))
                .build()) {
            PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1).request(0, 0, 512);
            assertEquals(3, machine.trace().size());
            assertTrue(machine.trace().getLast().what().contains("served"), machine.trace()::toString);
        }
    }
}
