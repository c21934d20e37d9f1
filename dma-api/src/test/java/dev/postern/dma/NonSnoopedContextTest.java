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
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every fake line is written back or fetched again when a test says so; then one missing clean or invalidate is seen. */
final class NonSnoopedContextTest {

    private static final byte OLD = 0x55;
    private static final byte NEW = 0x66;
    private static final long OFFSET = 0x10_0000_0000L;
    private static final int LINE = 64;

    private final TestRam ram = new TestRam();
    private final FakeCaches caches = new FakeCaches(ram, LINE);
    private final long before = ram.frames().freeBytes();
    private final DmaContext context = open(DmaConstraints.NONE);
    private final long buffer = ram.buffer(256 << 10);

    @Test
    void whatTheCpuStoredIsCleanedAtMap() {
        ram.put(buffer + 5, bytes(1000, OLD));
        long token = context.map(buffer + 5, 1000, TO_DEVICE);
        assertEquals(buffer + 5 + OFFSET, context.deviceAddress(token));
        assertArrayEquals(bytes(1000, OLD), device(token, 1000));
    }

    @Test
    void whatTheCpuStoredInAnIntervalIsCleanedAtSyncForDevice() {
        for (DmaDirection direction : new DmaDirection[] {TO_DEVICE, BIDIRECTIONAL}) {
            long token = context.map(buffer, 4096, direction);
            context.syncForCpu(token, 64, 128);
            ram.put(buffer + 64, bytes(128, NEW));
            context.syncForDevice(token, 64, 128);
            assertArrayEquals(bytes(128, NEW), caches.read(buffer + 64, 128));
            context.unmap(token, 4096, direction, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FROM_DEVICE", "BIDIRECTIONAL"})
    void whatTheDeviceStoredIsSeenAfterSyncForCpuAndNotBefore(DmaDirection direction) {
        ram.put(buffer, bytes(256, OLD));
        long token = context.map(buffer, 256, direction);
        caches.write(buffer, bytes(256, NEW));
        assertArrayEquals(bytes(256, OLD), ram.get(buffer, 256));
        context.syncForCpu(token, 64, 64);
        assertArrayEquals(bytes(64, OLD), ram.get(buffer, 64));
        assertArrayEquals(bytes(64, NEW), ram.get(buffer + 64, 64));
        assertArrayEquals(bytes(128, OLD), ram.get(buffer + 128, 128));
        context.unmap(token, 256, direction, 256);
        assertArrayEquals(bytes(256, NEW), ram.get(buffer, 256));
    }

    /** The lines were dirty when the buffer was mapped; the cache may write them back at any time later. */
    @ParameterizedTest
    @EnumSource(names = {"FROM_DEVICE", "BIDIRECTIONAL"})
    void noDirtyLineIsEvictedOverWhatTheDeviceStored(DmaDirection direction) {
        ram.put(buffer, bytes(256, OLD));
        long token = context.map(buffer, 256, direction);
        caches.write(buffer, bytes(256, NEW));
        caches.stirAll();
        context.unmap(token, 256, direction, 256);
        assertArrayEquals(bytes(256, NEW), ram.get(buffer, 256));
    }

    /** The cache may fetch what lies beneath while the device has the buffer, and would show that for ever. */
    @Test
    void whatWasFetchedTooEarlyIsDiscardedAtUnmap() {
        ram.put(buffer, bytes(256, OLD));
        long token = context.map(buffer, 256, FROM_DEVICE);
        caches.write(buffer, bytes(100, NEW));
        caches.stirAll();
        caches.write(buffer + 100, bytes(156, NEW));
        context.unmap(token, 256, FROM_DEVICE, 256);
        assertArrayEquals(bytes(256, NEW), ram.get(buffer, 256));
    }

    @Test
    void bytesThatTheDeviceDidNotWriteAreAsTheyWere() {
        ram.put(buffer, bytes(256, OLD));
        long token = context.map(buffer, 256, FROM_DEVICE);
        caches.write(buffer, bytes(10, NEW));
        context.unmap(token, 256, FROM_DEVICE, 10);
        assertArrayEquals(bytes(10, NEW), ram.get(buffer, 10));
        assertArrayEquals(bytes(246, OLD), ram.get(buffer + 10, 246));
    }

    /** A driver's status byte stands beside something else; discarding its line would lose what was stored there. */
    @ParameterizedTest
    @EnumSource(names = {"FROM_DEVICE", "BIDIRECTIONAL"})
    void aBufferThatSharesALineTakesTheDetourAndItsNeighboursKeepTheirStores(DmaDirection direction) {
        int[][] cases = {{0, 1}, {1, 63}, {63, 1}, {60, 200}, {64, 65}, {32, 64}};
        for (int[] each : cases) {
            ram.at(buffer, 4096).fill(OLD);
            long pa = buffer + each[0];
            long token = context.map(pa, each[1], direction);
            assertNotEquals(pa + OFFSET, context.deviceAddress(token), Arrays.toString(each));
            // While the device has the buffer, the neighbours go on.
            ram.at(buffer, each[0]).fill((byte) 1);
            ram.at(pa + each[1], 100).fill((byte) 2);
            caches.write(context.deviceAddress(token) - OFFSET, bytes(each[1], NEW));
            caches.stirAll();
            context.unmap(token, each[1], direction, each[1]);
            assertArrayEquals(bytes(each[0], (byte) 1), ram.get(buffer, each[0]), Arrays.toString(each));
            assertArrayEquals(bytes(each[1], NEW), ram.get(pa, each[1]), Arrays.toString(each));
            assertArrayEquals(bytes(100, (byte) 2), ram.get(pa + each[1], 100), Arrays.toString(each));
        }
    }

    /** It is never invalidated, so nothing is lost, wherever it lies. */
    @Test
    void aBufferThatTheDeviceOnlyReadsIsMappedWhereItLiesAndKeepsItsNeighboursStores() {
        long token = context.map(buffer + 10, 20, TO_DEVICE);
        assertEquals(buffer + 10 + OFFSET, context.deviceAddress(token));
        ram.put(buffer + 30, bytes(10, NEW));
        context.syncForCpu(token, 0, 20);
        context.unmap(token, 20, TO_DEVICE, 0);
        assertArrayEquals(bytes(10, NEW), ram.get(buffer + 30, 10));
    }

    @Test
    void noTwoSlotsOfTheDetourShareALine() {
        FakeCaches wide = new FakeCaches(ram, 256);
        DmaContext other = DmaContexts.open(
                new DmaPlan.Direct(0), DmaMemory.plain(ram.frames()).withCaches(wide), DmaConstraints.NONE, "blk0");
        long[] lines = new long[100];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = other.deviceAddress(other.map(buffer + 1 + i * 256, 1, FROM_DEVICE)) / 256;
        }
        assertEquals(lines.length, Arrays.stream(lines).distinct().count());
    }

    @Test
    void aCoherentBufferIsZeroForBothSidesAndUncachedWhileItLives() {
        CoherentBuffer ring = context.allocateCoherent(5000, 16);
        assertEquals(2, caches.uncachedPages());
        long pa = ring.deviceAddress() - OFFSET;
        assertArrayEquals(new byte[8192], caches.read(pa, 8192));
        ring.segment().set(ValueLayout.JAVA_BYTE, 4999, NEW);
        assertArrayEquals(bytes(1, NEW), caches.read(pa + 4999, 1));
        caches.write(pa, NEW);
        assertEquals(NEW, ring.segment().get(ValueLayout.JAVA_BYTE, 0));
        ring.close();
        assertEquals(0, caches.uncachedPages());
    }

    @Test
    void whatADriverSplitsByHoldsForBuffersThatTakeTheDetour() {
        assertEquals(64 << 10, context.largestMapping());
        assertEquals(256 << 10, context.largestRequest());
        ScatterList list = new ScatterList(10);
        list.add(buffer, 16);
        list.add(buffer + 16, 1);
        for (long at = 0; at < context.largestRequest(); at += context.largestMapping()) {
            list.add(buffer + 17, context.largestMapping());
        }
        context.mapAll(list, FROM_DEVICE);
        context.unmapAll(list, FROM_DEVICE, 0);
        refused("split the transfer into 1 to 65536 bytes", () -> context.map(buffer, 65537, TO_DEVICE));
    }

    @Test
    void whatTheBusDoesNotCarryAndWhatTheMaskCannotExpressIsRefused() {
        DmaContext carried = open(new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 64, new PaWindow(TestRam.HIGH, -1)));
        refused("bounce it", () -> carried.map(TestRam.LOW, 64, TO_DEVICE));
        long token = carried.map(buffer + 1, 1, FROM_DEVICE);
        assertTrue(carried.deviceAddress(token) >= TestRam.HIGH + OFFSET);
        assertTrue(carried.allocateCoherent(1, 1).deviceAddress() >= TestRam.HIGH + OFFSET);
        refused("is not inside one RAM region", () -> carried.map(0x1000, 64, TO_DEVICE));
        DmaContext narrow = open(new DmaConstraints(37, Long.MAX_VALUE, 0x1000, 0));
        refused("crosses a boundary", () -> narrow.map(buffer + 4095, 2, TO_DEVICE));
        refused("no memory is within the 32 address bits", () -> open(new DmaConstraints(32, 64, 0, 0)));
    }

    @Test
    void closingGivesTheDetoursMemoryBackAndReportsWhatIsLeft() {
        ram.free(buffer, 256 << 10);
        context.close();
        assertEquals(before, ram.frames().freeBytes());
        misuse("after the context was closed", () -> context.map(TestRam.LOW, 1, TO_DEVICE));
        DmaContext careless = open(DmaConstraints.NONE);
        careless.map(TestRam.LOW, 1, FROM_DEVICE);
        careless.allocateCoherent(1, 1);
        misuse("1 mappings and 1 coherent buffers", careless::close);
    }

    @Test
    void quarantinedMappingsAreCountedWhicheverWayTheyWent() {
        context.quarantine(context.map(buffer, 64, FROM_DEVICE), 64);
        context.quarantine(context.map(buffer, 1, FROM_DEVICE), 1);
        assertEquals(2, context.quarantinedMappings());
        context.close();
    }

    /** A restricted pool on a bus that is not coherent. */
    @Test
    void slotsOfAPoolAreCleanedAndInvalidatedToo() {
        PhysRange range = ram.frames().allocate(64 << 10, FrameRequest.ANY);
        BouncePool pool = BouncePool.restricted("dma@0", ram.frames().memory(), range);
        DmaContext bounced = DmaContexts.open(
                new DmaPlan.Bounced(new DmaPlan.Direct(OFFSET)),
                DmaMemory.restricted(ram.frames(), pool).withCaches(caches),
                DmaConstraints.NONE,
                "blk0");
        ram.put(buffer, bytes(4096, OLD));
        long first = bounced.map(buffer, 100, TO_DEVICE);
        long slot = bounced.deviceAddress(first) - OFFSET;
        assertTrue(range.contains(slot));
        assertArrayEquals(bytes(100, OLD), caches.read(slot, 100));
        assertArrayEquals(new byte[412], caches.read(slot + 100, 412), "whoever had the page before left nothing");
        ram.put(buffer, bytes(2, NEW));
        bounced.syncForDevice(first, 1, 1);
        assertArrayEquals(new byte[] {OLD, NEW, OLD}, caches.read(slot, 3));
        bounced.unmap(first, 100, TO_DEVICE, 0);

        long second = bounced.map(buffer, 400, FROM_DEVICE);
        assertEquals(slot, bounced.deviceAddress(second) - OFFSET, "the slot is used again, else this proves nothing");
        assertArrayEquals(new byte[400], caches.read(slot, 400), "zeros reach the memory");
        caches.write(slot, bytes(400, (byte) 1));
        caches.stirAll();
        caches.write(slot, bytes(400, NEW));
        bounced.syncForCpu(second, 300, 100);
        assertArrayEquals(bytes(100, NEW), ram.get(buffer + 300, 100));
        bounced.unmap(second, 400, FROM_DEVICE, 400);
        assertArrayEquals(bytes(400, NEW), ram.get(buffer, 400));

        CoherentBuffer ring = bounced.allocateCoherent(100, 1);
        assertEquals(1, caches.uncachedPages());
        assertArrayEquals(new byte[4096], caches.read(ring.deviceAddress() - OFFSET, 4096));
        ring.close();
        assertEquals(0, caches.uncachedPages());
        bounced.close();
        pool.close();
    }

    @Test
    void itSaysWhatItIs() {
        assertEquals(new DmaPlan.Direct(OFFSET), context.plan());
        assertEquals(DmaConstraints.NONE, context.constraints());
        assertEquals("blk0 (Direct + 0x1000000000)", context.toString());
    }

    private byte[] device(long token, int length) {
        return caches.read(context.deviceAddress(token) - OFFSET, length);
    }

    private DmaContext open(DmaConstraints constraints) {
        return DmaContexts.open(
                new DmaPlan.Direct(OFFSET), DmaMemory.plain(ram.frames()).withCaches(caches), constraints, "blk0");
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
