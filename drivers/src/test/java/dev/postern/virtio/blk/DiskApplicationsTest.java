package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.app.Digest;
import dev.postern.app.FirstSector;
import dev.postern.app.Guest;
import dev.postern.app.Progress;
import dev.postern.virtio.fake.DiskRequest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shipped applications over disks of all shapes, and how they keep a device busy. */
class DiskApplicationsTest {

    @ParameterizedTest
    @CsvSource({
        // sectors, block, queues, largest segment
        "0, 512, 1, 65536",
        "1, 512, 1, 65536",
        "511, 512, 1, 65536",
        "4096, 512, 4, 65536",
        "4096, 512, 1, 512",
        "4096, 4096, 2, 4096",
        "4093, 4096, 1, 65536",
        "4096, 1048576, 1, 65536"
    })
    void theDigestIsThatOfEveryByte(int sectors, int block, int queues, int segment) throws Exception {
        BlkBench bench = bench(sectors, block, queues);
        bench.transport.config.putInt(8, segment);
        BlkDevice disk = bench.open();
        byte[] content = Arrays.copyOf(bench.device.image, sectors * 512);
        String expected =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        assertEquals(expected, new Digest().run(guest(bench, disk)).byDevice().get("blk0"));
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @Test
    void whileAPieceIsConsumedAtLeastHalfOfTheOthersAreWithTheDevice() throws Exception {
        BlkBench bench = bench(BlkBench.SECTORS, 512, 1);
        // Pieces of 16 KiB, so that there are many.
        bench.transport.config.putInt(8, 16384).putInt(12, 1);
        BlkDevice disk = bench.open();
        int pieces = BlkBench.SECTORS * 512 / 16384;
        List<DiskRequest> held = new ArrayList<>();
        List<Integer> depths = new ArrayList<>();
        int[] answered = {0};
        bench.device.answer = held::add;
        bench.cpu.device(() -> {
            // A device that works by itself: while the guest consumes, it takes what is there and answers one.
            bench.device.work();
            if (!held.isEmpty()) {
                depths.add(held.size());
                answered[0]++;
                bench.device.honestly(held.removeFirst());
            }
        });
        new Digest().run(guest(bench, disk));
        assertEquals(pieces, answered[0]);
        assertTrue(
                depths.subList(0, pieces - 8).stream().allMatch(depth -> depth >= 4),
                "in flight: %s".formatted(depths));
        assertEquals(pieces / 4 - 1, bench.transport.count("notify 0"), "a notification for half of the buffers");
    }

    @Test
    void aDiskThatFailsInTheMiddleEndsTheDigestWithNothingInFlight() throws Exception {
        BlkBench bench = bench(BlkBench.SECTORS, 512, 2);
        bench.transport.config.putInt(8, 16384).putInt(12, 1);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> bench.device.finish(
                request, request.sector() == 1024 ? 1 : bench.device.perform(request), request.honestLength());
        assertThrows(BlkIoErrorException.class, () -> new Digest().run(guest(bench, disk)));
        assertEquals(0, bench.context.live());
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @Test
    void theFirstSectorOfADiskOfLargeBlocksIsShownAlone() throws Exception {
        BlkBench bench = bench(BlkBench.SECTORS, 4096, 1);
        BlkDevice disk = bench.open();
        String shown = new FirstSector().run(guest(bench, disk)).byDevice().get("blk0");
        assertArrayEquals(bench.content(0, 512), HexFormat.of().parseHex(shown));
    }

    private static Guest guest(BlkBench bench, BlkDevice disk) {
        return new Guest(List.of(disk), List.of(), bench.ram.frames(), Progress.NONE);
    }

    private static BlkBench bench(int sectors, int block, int queues) {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.with(12);
        bench.transport.queueCount = queues;
        bench.transport.config.putLong(0, sectors).putInt(20, block).putShort(34, (short) queues);
        return bench;
    }
}
