package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a person sees of a ring, to the byte. */
class RingDumpTest {

    @Test
    void aLiveSplitRing() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            answerOne(bench);
            bench.post(3);
            bench.commit(2);
            assertPicture("""
                q queue 3: split ring of 8 entries, no tables, events by flags, any order
                  chains      2 outstanding, 3 entries free
                  chain       id 0: shown, 3 entries, 512 writable bytes
                  chain       id 3: not shown yet, 2 entries, 512 writable bytes
                  driver      committed 3, shown 2, taken 1
                  device *    used index 1, flags 0
                  shown *     available index 2, flags 1
                  entry *         0  0x123456789abcdef0          16 bytes, next 1
                  entry *         1  0x123456789abcdf00          16 bytes, next 2
                  entry *         2  0x123456789abceef0         512 bytes, writable
                  entry *         3  0x123456789abcdef0          16 bytes, next 4
                  entry *         4  0x123456789abceef0         512 bytes, writable
                  * memory that the device can write, as it stands there; nothing of it was believed
                """, bench.queue.dump());
        }
    }

    @Test
    void aSplitRingBrokenByAnEntryPointsAtIt() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            answerOne(bench);
            bench.post(1);
            bench.device.complete(0x10001, 7);
            assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
            assertPicture("""
                q queue 3: split ring of 8 entries, no tables, events by flags, any order, broken
                  chains      1 outstanding, 7 entries free
                  chain       id 0: shown, 1 entry, 512 writable bytes
                  driver      committed 2, shown 2, taken 1
                  device *    used index 2, flags 0
                  shown *     available index 2, flags 1
                  entry *         0  0x123456789abceef0         512 bytes, writable
                  used *          1  id 65537, length 7  <== id 65537, allowed are 0 to 7
                  * memory that the device can write, as it stands there; nothing of it was believed
                """, bench.queue.dump());
        }
    }

    @Test
    void aSplitRingBrokenByItsIndexPointsAtThat() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.post(1);
            bench.device.usedIndex(65535);
            assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
            assertPicture("""
                q queue 3: split ring of 8 entries, no tables, events by flags, any order, broken
                  chains      1 outstanding, 7 entries free
                  chain       id 0: shown, 1 entry, 512 writable bytes
                  driver      committed 1, shown 1, taken 0
                  device *    used index 65535, flags 0  <== the used index advanced by 65535 with 1 chains outstan…
                  shown *     available index 1, flags 1
                  entry *         0  0x123456789abceef0         512 bytes, writable
                  * memory that the device can write, as it stands there; nothing of it was believed
                """, bench.queue.dump());
        }
    }

    @Test
    void aLivePackedRingGoesRound() throws Exception {
        QueueOptions options = PackedBench.options(7, QueueOptions.Chaining.DIRECT, QueueOptions.UsedSignals.WANTED)
                .withEvents(QueueOptions.EventMarks.INDICES);
        try (PackedBench bench = new PackedBench(options)) {
            bench.round(2);
            bench.round(3);
            bench.post(4);
            bench.commit(1);
            bench.queue.askForSignal();
            bench.device.deviceEvents(2, 2);
            assertPicture("""
                q queue 3: packed ring of 7 entries, no tables, events by indices, any order
                  chains      2 outstanding, 2 entries free
                  chain       id 0: shown, 4 entries, 512 writable bytes
                  chain       id 1: not shown yet, 1 entry, 512 writable bytes
                  driver      writes at 3 wrap 0, 1 entries before it not shown yet; looks at 5 wrap 1
                  wishes *    notifications: at 2 wrap 0
                  wishes *    signals: at 5 wrap 1
                  entry *         5  available, wrap 1  id     0  0x123456789abcdef0          16 bytes, next
                  entry *         6  available, wrap 1  id     0  0x123456789abcdf00          16 bytes, next
                  entry *         0  available, wrap 0  id     0  0x123456789abcdf10          16 bytes, next
                  entry *         1  available, wrap 0  id     0  0x123456789abceef0         512 bytes, writable
                  entry *         2  used, wrap 1       id     1  0x123456789abceef0         512 bytes
                  * memory that the device can write, as it stands there; nothing of it was believed
                """, bench.queue.dump());
        }
    }

    @Test
    void aBrokenPackedRingPointsAtTheEntry() throws Exception {
        try (PackedBench bench = PackedBench.direct(5)) {
            bench.post(2);
            bench.device.use(4, 512, 1);
            assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
            assertPicture("""
                q queue 3: packed ring of 5 entries, no tables, events by flags, any order, broken
                  chains      1 outstanding, 3 entries free
                  chain       id 0: shown, 2 entries, 512 writable bytes
                  driver      writes at 2 wrap 1, 0 entries before it not shown yet; looks at 0 wrap 1
                  wishes *    notifications: all
                  wishes *    signals: none
                  entry *         0  used, wrap 1, id 4, length 512  <== id 4 is that of no outstanding chain
                  entry *         1  available, wrap 1  id     0  0x123456789abceef0         512 bytes, writable
                  * memory that the device can write, as it stands there; nothing of it was believed
                """, bench.queue.dump());
        }
    }

    @Test
    void longRunsAreCounted() throws Exception {
        try (QueueBench bench = QueueBench.direct(64)) {
            for (int i = 0; i < 40; i++) {
                bench.commit(1);
            }
            List<String> lines = bench.queue.dump().lines();
            assertEquals(
                    "  chain       ids 0 1 2 3 4 5 …: 40 chains, each not shown yet, 1 entry, 512 writable bytes",
                    lines.get(2));
            assertEquals("  entry *     … and 28 more entries", lines.get(lines.size() - 2));
        }
    }

    @Test
    void whateverTheDeviceWritesThePictureIsBounded() throws Exception {
        for (QueueOptions.Format format : QueueOptions.Format.values()) {
            QueueOptions options = PackedBench.options(
                            64, QueueOptions.Chaining.INDIRECT, QueueOptions.UsedSignals.WANTED)
                    .withFormat(format)
                    .withEvents(QueueOptions.EventMarks.INDICES);
            try (PackedBench bench = new PackedBench(options)) {
                for (int i = 0; i < 32; i++) {
                    bench.commit(1 + i % 2);
                }
                bench.queue.publish();
                QueueAddresses at = bench.queue.addresses();
                for (byte filling : new byte[] {0, 1, 0x55, (byte) 0x80, (byte) 0xff}) {
                    bench.context.deviceView().write(at.descriptorDva(), filled(64 * 16, filling));
                    bench.context.deviceView().write(at.deviceDva(), filled(4, filling));
                    List<String> lines = bench.queue.dump().lines();
                    assertTrue(lines.size() <= 48, lines::toString);
                    lines.forEach(line -> assertTrue(line.length() <= 100, line));
                }
            }
        }
    }

    @Test
    void thePictureOfAFaultOutlivesTheRestart() throws Exception {
        try (QueueBench bench = QueueBench.direct(8)) {
            assertEquals(Optional.empty(), bench.queue.faultDump());
            bench.post(1);
            bench.device.complete(5, 0);
            assertThrows(QueueBrokenException.class, bench.queue::pollUsed);
            RingDump found = bench.queue.dump();
            bench.queue.restart();
            assertEquals(Optional.of(found), bench.queue.faultDump());
            assertTrue(found.toString().contains("<== id 5 is that of no outstanding chain"), found::toString);
        }
    }

    private static void answerOne(QueueBench bench) throws QueueBrokenException {
        int head = bench.post(1);
        bench.device.complete(bench.device.take().orElseThrow().head(), 512);
        assertEquals(head, bench.queue.pollUsed());
    }

    private static byte[] filled(int length, byte filling) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, filling);
        return bytes;
    }

    private static void assertPicture(String expected, RingDump dump) {
        assertEquals(expected, String.join("\n", dump.lines()) + "\n");
        dump.lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }
}
