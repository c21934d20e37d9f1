package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.VirtioException;
import dev.postern.virtio.fake.DiskRange;
import dev.postern.virtio.fake.DiskRequest;
import dev.postern.virtio.fake.ScriptedDisk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Discard, write-zeroes and secure erase: what is sent, within which limits, and what is refused. The disk checks the clauses. */
class BlkRangesTest {

    /** One of the three requests. */
    enum Kind {
        DISCARD(11, 13, 36, ScriptedDisk.DISCARDED),
        WRITE_ZEROES(13, 14, 48, (byte) 0),
        SECURE_ERASE(14, 16, 60, ScriptedDisk.ERASED);

        final int type;
        final int feature;
        /** Where the limits are in the configuration: sectors, ranges, and an alignment (not of WRITE_ZEROES). */
        final int limits;

        final byte result;

        Kind(int type, int feature, int limits, byte result) {
            this.type = type;
            this.feature = feature;
            this.limits = limits;
            this.result = result;
        }

        void ask(BlkDevice disk, SectorRange... ranges) throws VirtioException {
            switch (this) {
                case DISCARD -> disk.discard(ranges);
                case WRITE_ZEROES -> disk.writeZeroes(Allocation.KEEP, ranges);
                case SECURE_ERASE -> disk.secureErase(ranges);
            }
        }

        BlkBench bench(int sectors, int ranges) {
            BlkBench bench = BlkBench.polled();
            bench.transport.offered = BlkBench.FEATURES.with(feature);
            bench.transport.config.putInt(limits, sectors).putInt(limits + 4, ranges);
            return bench;
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRangeIsSentAsItIsAndNothingElseOfTheDiskChanges(Kind kind) throws Exception {
        BlkBench bench = kind.bench(1000, 1);
        byte[] before = bench.device.image.clone();
        BlkDevice disk = bench.open();
        kind.ask(disk, new SectorRange(100, 50));
        assertEquals(
                List.of(new DiskRange(100, 50, 0)), onlyRequest(bench, kind).ranges());
        for (int at = 0; at < before.length; at++) {
            byte expected = at / 512 >= 100 && at / 512 < 150 ? kind.result : before[at];
            assertEquals(expected, bench.device.image[at], "byte " + at);
        }
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void severalRangesShareARequestAsFarAsTheDeviceTakesThem(Kind kind) throws Exception {
        BlkBench bench = kind.bench(1000, 3);
        SectorRange[] ranges = new SectorRange[7];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = new SectorRange(i * 20L, 10);
        }
        kind.ask(bench.open(), ranges);
        assertEquals(List.of(3, 3, 1), rangesPerRequest(bench), "blk:888 to 896");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void moreRangesThanTheDriverHasRoomForAreSplitToo(Kind kind) throws Exception {
        BlkBench bench = kind.bench(-1, -1);
        SectorRange[] ranges = new SectorRange[40];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = new SectorRange(i * 20L, 10);
        }
        kind.ask(bench.open(), ranges);
        assertEquals(List.of(16, 16, 8), rangesPerRequest(bench));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRangeAtTheLimitIsOneRequestAndOneSectorMoreAreTwo(Kind kind) throws Exception {
        BlkBench bench = kind.bench(64, 1);
        BlkDevice disk = bench.open();
        kind.ask(disk, new SectorRange(0, 64));
        assertEquals(1, bench.device.seen().size());
        kind.ask(disk, new SectorRange(0, 65));
        assertEquals(3, bench.device.seen().size());
    }

    @Test
    void aLongRangeIsCutAtTheDevicesAlignment() throws Exception {
        BlkBench bench = Kind.DISCARD.bench(100, 4);
        bench.transport.config.putInt(44, 32);
        bench.open().discard(new SectorRange(10, 300));
        List<DiskRange> ranges = bench.device.seen().stream()
                .flatMap(request -> request.ranges().stream())
                .toList();
        assertEquals(
                List.of(
                        new DiskRange(10, 86, 0),
                        new DiskRange(96, 96, 0),
                        new DiskRange(192, 96, 0),
                        new DiskRange(288, 22, 0)),
                ranges);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 101, -1, Integer.MIN_VALUE})
    void anAlignmentThatContradictsTheLimitsGivesWay(int alignment) throws Exception {
        // Row 13: two values of the device, of which at least one is wrong.
        BlkBench bench = Kind.DISCARD.bench(100, 4);
        bench.transport.config.putInt(44, alignment);
        bench.open().discard(new SectorRange(3, 1000));
        long sum = bench.device.seen().stream()
                .flatMap(request -> request.ranges().stream())
                .mapToLong(DiskRange::count)
                .sum();
        assertEquals(1000, sum);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void limitsOfNothingAllowNothing(Kind kind) throws Exception {
        int[][] limits = {{0, 1}, {1, 0}, {0, 0}, {0, -1}, {-1, 0}};
        for (int[] limit : limits) {
            BlkBench bench = kind.bench(limit[0], limit[1]);
            BlkDevice disk = bench.open();
            BlkUnsupportedException refused =
                    assertThrows(BlkUnsupportedException.class, () -> kind.ask(disk, new SectorRange(0, 1)), "row 12");
            assertTrue(refused.getMessage().contains("allows"), refused.getMessage());
            assertEquals(List.of(), bench.device.seen());
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aLimitBelowABlockAllowsNothing(Kind kind) throws Exception {
        BlkBench bench = kind.bench(7, 1);
        bench.transport.config.putInt(20, 4096);
        BlkDevice disk = bench.open();
        assertThrows(BlkUnsupportedException.class, () -> kind.ask(disk, new SectorRange(0, 8)));
        assertEquals(List.of(), bench.device.seen());
    }

    @Test
    void theLargestLimitsOverflowNothing() throws Exception {
        // Row 41: 2^32 - 1 sectors are 2^41 bytes, and the disk has more of them than 32 bits count.
        BlkBench bench = Kind.DISCARD.bench(-1, 1);
        long sectors = 3L << 32;
        bench.transport.config.putLong(0, sectors);
        List<DiskRange> asked = new ArrayList<>();
        bench.device.answer = request -> {
            asked.addAll(request.ranges());
            bench.device.finish(request, 0, 1);
        };
        bench.open().discard(new SectorRange(5, sectors - 5));
        long next = 5;
        for (DiskRange range : asked) {
            assertEquals(next, range.first());
            assertTrue(range.count() > 0 && range.count() <= 0xffff_ffffL, range.toString());
            next += range.count();
        }
        assertEquals(sectors, next);
        assertEquals(3, asked.size());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void rangesOutsideTheDiskAreRefusedBeforeTheDeviceHearsOfAny(Kind kind) throws Exception {
        BlkBench bench = kind.bench(100, 4);
        BlkDevice disk = bench.open();
        long[][] wrong = {
            {0, 0},
            {0, -1},
            {-1, 1},
            {BlkBench.SECTORS, 1},
            {BlkBench.SECTORS - 1, 2},
            {1, Long.MAX_VALUE},
            {Long.MAX_VALUE, 1}
        };
        for (long[] range : wrong) {
            assertThrows(
                    BlkRangeException.class,
                    () -> kind.ask(disk, new SectorRange(0, 8), new SectorRange(range[0], range[1])));
        }
        assertEquals(List.of(), bench.device.seen(), "blk:871: not even the first range, which is right");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void partsOfBlocksAreRefused(Kind kind) throws Exception {
        BlkBench bench = kind.bench(1000, 4);
        bench.transport.config.putInt(20, 4096);
        BlkDevice disk = bench.open();
        assertThrows(BlkRangeException.class, () -> kind.ask(disk, new SectorRange(4, 8)));
        assertThrows(BlkRangeException.class, () -> kind.ask(disk, new SectorRange(8, 4)));
        assertEquals(List.of(), bench.device.seen());
        kind.ask(disk, new SectorRange(8, 8));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aDeviceWithoutTheFeatureIsNotAsked(Kind kind) throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.config.putInt(kind.limits, 1000).putInt(kind.limits + 4, 4);
        BlkDevice disk = bench.open();
        BlkUnsupportedException refused =
                assertThrows(BlkUnsupportedException.class, () -> kind.ask(disk, new SectorRange(0, 8)));
        assertTrue(refused.getMessage().contains("not accepted"), refused.getMessage());
        assertEquals(List.of(), bench.device.seen(), "row 22: no command without its feature");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aConfigurationThatEndsBeforeTheLimitsAllowsNothing(Kind kind) throws Exception {
        BlkBench bench = kind.bench(1000, 4);
        bench.transport.config = java.nio.ByteBuffer.allocate(kind.limits + 4)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(0, BlkBench.SECTORS)
                .putInt(8, 4096)
                .putInt(12, 4);
        if (kind.limits + 4 > 24) {
            bench.transport.config.putInt(20, 512);
        }
        BlkDevice disk = bench.open();
        assertThrows(BlkUnsupportedException.class, () -> kind.ask(disk, new SectorRange(0, 8)));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aReadOnlyDiskTakesNone(Kind kind) throws Exception {
        BlkBench bench = kind.bench(1000, 4);
        bench.transport.offered = bench.transport.offered.with(5);
        BlkDevice disk = bench.open();
        assertThrows(BlkReadOnlyException.class, () -> kind.ask(disk, new SectorRange(0, 8)));
        assertEquals(List.of(), bench.device.seen());
    }

    @Test
    void zeroesMayReleaseStorageOnlyWhenTheyAreAllowedTo() throws Exception {
        BlkBench bench = Kind.WRITE_ZEROES.bench(1000, 4);
        bench.transport.config.put(56, (byte) 1);
        BlkDevice disk = bench.open();
        assertEquals(Allocation.MAY_RELEASE, disk.configuration().zeroes());
        disk.writeZeroes(Allocation.MAY_RELEASE, new SectorRange(0, 8));
        assertEquals(1, bench.device.seen().getLast().ranges().getFirst().flags());
        disk.writeZeroes(Allocation.KEEP, new SectorRange(0, 8));
        assertEquals(0, bench.device.seen().getLast().ranges().getFirst().flags());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anErrorOfOneRequestIsToldAndTheOthersAreAnswered(Kind kind) throws Exception {
        BlkBench bench = kind.bench(10, 2);
        BlkDevice disk = bench.open();
        bench.device.answer = request ->
                bench.device.finish(request, bench.device.seen().size() == 2 ? 1 : 0, request.honestLength());
        BlkIoErrorException failure =
                assertThrows(BlkIoErrorException.class, () -> kind.ask(disk, new SectorRange(0, 200)));
        assertTrue(failure.getMessage().contains("of 1 ranges"), failure.getMessage());
        bench.device.answer = bench.device::honestly;
        assertEquals(disk.depth(), freeRequests(bench, disk), "none was lost");
        assertEquals(0, disk.recoveries());
    }

    @Test
    void afterAnErrorNobodyKnowsWhichRangesWereCarriedOut() throws Exception {
        BlkBench bench = Kind.DISCARD.bench(100, 4);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> bench.device.finish(request, 1, request.honestLength());
        String message = assertThrows(
                        BlkIoErrorException.class, () -> disk.discard(new SectorRange(0, 8), new SectorRange(20, 8)))
                .getMessage();
        assertTrue(message.contains("unknown"), message);
    }

    @Test
    void aDeviceThatOffersAndThenDoesNotSupportIsToldApart() throws Exception {
        BlkBench bench = Kind.SECURE_ERASE.bench(100, 4);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> bench.device.finish(request, 2, request.honestLength());
        assertThrows(BlkUnsupportedException.class, () -> disk.secureErase(new SectorRange(0, 8)));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void rangesLostWithAResetAreSentAgainAsTheyWere(Kind kind) throws Exception {
        BlkBench bench = kind.bench(10, 2);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> {
            // What the device can reach of the request is spoilt before it breaks.
            bench.hostile.deviceView().write(request.data().getFirst().dva(), new byte[(int) request.bytes()]);
            bench.device.complete(4711, 0);
            bench.device.answer = bench.device::honestly;
        };
        kind.ask(disk, new SectorRange(0, 25), new SectorRange(100, 3));
        assertEquals(1, disk.recoveries());
        for (int sector : new int[] {0, 24, 100, 102}) {
            assertEquals(kind.result, bench.device.image[sector * 512]);
        }
        assertFalse(bench.device.seen().isEmpty());
    }

    private static int freeRequests(BlkBench bench, BlkDevice disk) throws VirtioException {
        long pa = bench.buffer(512);
        List<BlkRequest> held = new ArrayList<>();
        while (disk.hasRoom()) {
            held.add(disk.submitRead(0, pa, 512));
        }
        for (BlkRequest request : held) {
            disk.await(request);
        }
        return held.size();
    }

    private static DiskRequest onlyRequest(BlkBench bench, Kind kind) {
        assertEquals(1, bench.device.seen().size());
        DiskRequest request = bench.device.seen().getFirst();
        assertEquals(kind.type, request.type());
        return request;
    }

    private static List<Integer> rangesPerRequest(BlkBench bench) {
        return bench.device.seen().stream().map(r -> r.ranges().size()).toList();
    }
}
