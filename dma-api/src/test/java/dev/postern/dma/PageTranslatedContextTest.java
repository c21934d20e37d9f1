package dev.postern.dma;

import static dev.postern.dma.DmaDirection.BIDIRECTIONAL;
import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class PageTranslatedContextTest {

    private static final byte OLD = 0x55;
    private static final byte NEW = 0x66;

    private final TestRam ram = new TestRam();
    private final FakeMachineFrames scattered = new FakeMachineFrames(ram, 1, 1);
    private final long before = ram.frames().freeBytes();
    private final DmaContext context = open(scattered, DmaConstraints.NONE);
    private final long buffer = ram.buffer(64 << 10);

    @Test
    void aBufferInsideAPageIsMappedWhereItLiesAtItsMachineAddress() {
        for (int[] each : new int[][] {{0, 4096}, {0, 1}, {4095, 1}, {512, 3584}}) {
            long token = context.map(buffer + each[0], each[1], BIDIRECTIONAL);
            assertEquals(scattered.machineAddress(buffer + each[0]), context.deviceAddress(token));
            context.unmap(token, each[1], BIDIRECTIONAL, 0);
        }
    }

    @Test
    void aBufferThatCrossesIntoAPageElsewhereTakesTheDetour() {
        ram.put(buffer + 512, bytes(4096, OLD));
        long token = context.map(buffer + 512, 4096, BIDIRECTIONAL);
        long dva = context.deviceAddress(token);
        assertNotEquals(scattered.machineAddress(buffer + 512), dva);
        assertArrayEquals(bytes(4096, OLD), scattered.read(dva, 4096));
        scattered.write(dva, bytes(4096, NEW));
        context.syncForCpu(token, 4000, 96);
        assertArrayEquals(bytes(96, NEW), ram.get(buffer + 4512, 96));
        assertArrayEquals(bytes(1, OLD), ram.get(buffer + 512, 1));
        ram.put(buffer + 512, bytes(2, (byte) 1));
        context.syncForDevice(token, 0, 2);
        assertArrayEquals(bytes(2, (byte) 1), scattered.read(dva, 2));
        scattered.write(dva, bytes(2, NEW));
        context.unmap(token, 4096, BIDIRECTIONAL, 4096);
        assertArrayEquals(bytes(4096, NEW), ram.get(buffer + 512, 4096));
    }

    /** As in place: whatever the device says that it wrote, its bytes are there and the others are as they were. */
    @Test
    void theDetourIsUnnoticedWhateverTheDeviceReports() {
        for (long written : new long[] {0, 100, 4096}) {
            ram.put(buffer + 512, bytes(4096, OLD));
            long token = context.map(buffer + 512, 4096, FROM_DEVICE);
            scattered.write(context.deviceAddress(token), bytes(2000, NEW));
            context.unmap(token, 4096, FROM_DEVICE, written);
            assertArrayEquals(bytes(2000, NEW), ram.get(buffer + 512, 2000));
            assertArrayEquals(bytes(2096, OLD), ram.get(buffer + 2512, 2096));
        }
    }

    @Test
    void aBufferWhosePagesFollowEachOtherByLuckIsMappedWhereItLies() {
        FakeMachineFrames pairs = new FakeMachineFrames(ram, 2, 2);
        DmaContext lucky = open(pairs, DmaConstraints.NONE);
        int inPlace = 0;
        for (int page = 0; page < 15; page++) {
            long pa = buffer + page * 4096 + 100;
            long token = lucky.map(pa, 4096, TO_DEVICE);
            boolean there = lucky.deviceAddress(token) == pairs.machineAddress(pa);
            assertEquals(pairs.follows(pa, 4096), there, "page " + page);
            inPlace += there ? 1 : 0;
            lucky.unmap(token, 4096, TO_DEVICE, 0);
        }
        assertTrue(inPlace >= 7, inPlace + " in place");
    }

    @Test
    void whatADriverSplitsByCanAlwaysBeMapped() {
        assertEquals(4096, context.largestMapping());
        refused("split the transfer into 1 to 4096 bytes", () -> context.map(buffer, 4097, TO_DEVICE));
        refused("is not inside one RAM region", () -> context.map(0x1000, 1, TO_DEVICE));
        ScatterList list = new ScatterList(1000);
        for (long at = 0; at < context.largestRequest(); at += 4096) {
            list.add(buffer + 1, 4096);
        }
        list.add(buffer + 4095, 16);
        list.add(buffer + 8191, 2);
        context.mapAll(list, FROM_DEVICE);
        context.unmapAll(list, FROM_DEVICE, 0);
    }

    @Test
    void aTokenOfTheDetourIsGoodForOneUnmap() {
        List<Long> tokens = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tokens.add(context.map(buffer + 1, 4096, TO_DEVICE));
        }
        // Generations of slots begin with either bit, and that bit is elsewhere in these tokens.
        assertEquals(
                2, tokens.stream().map(token -> token >>> 31 & 1).distinct().count());
        assertEquals(8, tokens.stream().map(context::deviceAddress).distinct().count());
        for (long token : tokens) {
            assertTrue(token < 0);
            misuse("length 4095", () -> context.unmap(token, 4095, TO_DEVICE, 0));
            context.unmap(token, 4096, TO_DEVICE, 0);
            misuse("not mapped", () -> context.unmap(token, 4096, TO_DEVICE, 0));
            misuse("not mapped", () -> context.deviceAddress(token));
        }
    }

    @Test
    void aCoherentBufferOfAPageCanAlwaysBeHad() {
        List<CoherentBuffer> rings = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            CoherentBuffer ring = context.allocateCoherent(4096, 4096);
            assertArrayEquals(new byte[4096], scattered.read(ring.deviceAddress(), 4096));
            scattered.write(ring.deviceAddress() + 4095, NEW);
            assertEquals(NEW, ring.segment().get(ValueLayout.JAVA_BYTE, 4095));
            rings.add(ring);
        }
        rings.forEach(CoherentBuffer::close);
    }

    @Test
    void aLongerOneIsRefusedWhereNoPagesFollowEachOtherAndNothingIsKept() {
        long free = ram.frames().freeBytes();
        refused("ask for at most 4096 bytes at a time", () -> context.allocateCoherent(4097, 16));
        refused("no coherent buffer of 33554432 bytes", () -> context.allocateCoherent(32 << 20, 16));
        assertEquals(free, ram.frames().freeBytes());
    }

    @Test
    void aLongerOneIsFoundWhereSomePagesFollowEachOther() {
        // Far below the top, from where the search comes, and at an odd page.
        for (int page = 0; page < 3; page++) {
            scattered.place(TestRam.HIGH + (2 << 20) + (701 + page) * 4096, 1L << 45 | page * 4096);
        }
        long free = ram.frames().freeBytes();
        CoherentBuffer table = context.allocateCoherent(3 * 4096, 16);
        assertEquals(1L << 45, table.deviceAddress());
        assertArrayEquals(new byte[3 * 4096], scattered.read(table.deviceAddress(), 3 * 4096));
        assertEquals(free - 3 * 4096, ram.frames().freeBytes());
        refused("ask for at most 4096 bytes at a time", () -> context.allocateCoherent(2 * 4096, 16));
        table.close();
        assertEquals(free, ram.frames().freeBytes());
    }

    @Test
    void closingGivesTheDetoursMemoryBackAndReportsWhatIsLeft() {
        ram.free(buffer, 64 << 10);
        context.close();
        context.close();
        assertEquals(before, ram.frames().freeBytes());
        misuse("after the context was closed", () -> context.map(TestRam.LOW, 1, TO_DEVICE));
        misuse("after the context was closed", () -> context.allocateCoherent(1, 1));
        DmaContext careless = open(scattered, DmaConstraints.NONE);
        careless.map(TestRam.LOW + 1, 4096, TO_DEVICE);
        careless.allocateCoherent(1, 1);
        misuse("1 mappings and 1 coherent buffers", careless::close);
        assertTrue(ram.frames().freeBytes() < before, "the device may still use them");
    }

    @Test
    void quarantinedMappingsAreCountedWhicheverWayTheyWent() {
        context.quarantine(context.map(buffer, 4096, TO_DEVICE), 4096);
        long token = context.map(buffer + 1, 4096, TO_DEVICE);
        context.quarantine(token, 4096);
        assertEquals(2, context.quarantinedMappings());
        misuse("not mapped", () -> context.unmap(token, 4096, TO_DEVICE, 0));
        context.close();
    }

    @Test
    void aPageBeyondTheMaskTakesTheDetour() {
        FakeMachineFrames numbers = new FakeMachineFrames(ram, 1, 1);
        DmaContext narrow = open(numbers, new DmaConstraints(40, Long.MAX_VALUE, 0, 0));
        numbers.place(buffer, 1L << 45);
        ram.put(buffer, OLD);
        long token = narrow.map(buffer, 1, TO_DEVICE);
        assertTrue(narrow.deviceAddress(token) < 1L << 40);
        assertArrayEquals(new byte[] {OLD}, numbers.read(narrow.deviceAddress(token), 1));
        assertEquals(
                numbers.machineAddress(buffer + 4096), narrow.deviceAddress(narrow.map(buffer + 4096, 1, TO_DEVICE)));
        long free = ram.frames().freeBytes();
        refused("beyond the 32 address bits", () -> open(numbers, new DmaConstraints(32, Long.MAX_VALUE, 0, 0)));
        assertEquals(free, ram.frames().freeBytes(), "the detour of what was not opened");
    }

    @Test
    void addressBitsToPreserveAreAndShortenTheLargestMapping() {
        DmaContext picky = open(scattered, new DmaConstraints(64, Long.MAX_VALUE, 0, 0x1ff));
        assertEquals(4096 - 0x1ff, picky.largestMapping());
        long token = picky.map(buffer + 4000, 200, TO_DEVICE);
        assertEquals(4000 & 0x1ff, picky.deviceAddress(token) & 0x1ff);
    }

    @Test
    void noSlotOfABouncedContextCrossesIntoAPageElsewhere() {
        BouncePool pool = BouncePool.overFrames(
                ram.frames(), PoolOptions.fixed("test", 256 << 10).withAreas(1));
        DmaContext bounced = DmaContexts.open(
                new DmaPlan.Bounced(new DmaPlan.PageTranslated()),
                DmaMemory.restricted(ram.frames(), pool).withMachineFrames(scattered),
                DmaConstraints.NONE,
                "blk0");
        assertEquals(4096, bounced.largestMapping());
        ram.at(buffer, 64 << 10).fill(OLD);
        for (int length = 1; length <= 4096; length += 65) {
            long token = bounced.map(buffer, length, TO_DEVICE);
            long dva = bounced.deviceAddress(token);
            assertEquals(dva >>> 12, dva + length - 1 >>> 12);
            assertArrayEquals(bytes(length, OLD), scattered.read(dva, length));
            bounced.unmap(token, length, TO_DEVICE, 0);
        }
        CoherentBuffer ring = bounced.allocateCoherent(4096, 4096);
        assertArrayEquals(new byte[4096], scattered.read(ring.deviceAddress(), 4096));
        refused("ask for at most 4096 bytes at a time", () -> bounced.allocateCoherent(8192, 16));
        ring.close();
        bounced.close();
        assertEquals(0, pool.statistics().bytesInUse());
        pool.close();
    }

    @Test
    void itSaysWhatItIs() {
        assertEquals(new DmaPlan.PageTranslated(), context.plan());
        assertEquals(DmaConstraints.NONE, context.constraints());
        assertEquals("blk0 (PageTranslated)", context.toString());
    }

    private DmaContext open(FakeMachineFrames numbers, DmaConstraints constraints) {
        return DmaContexts.open(
                new DmaPlan.PageTranslated(),
                DmaMemory.plain(ram.frames()).withMachineFrames(numbers),
                constraints,
                "blk0");
    }

    private static byte[] bytes(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }

    private static void misuse(String reason, Executable call) {
        String message = assertThrows(DmaMisuseException.class, call).getMessage();
        assertTrue(message.startsWith("DMA: blk0: ") && message.contains(reason), message);
    }

    private static void refused(String reason, Executable call) {
        String message = assertThrows(DmaMappingException.class, call).getMessage();
        assertTrue(message.startsWith("DMA: blk0: ") && message.contains(reason), message);
        assertEquals(1, message.lines().count(), message);
    }
}
