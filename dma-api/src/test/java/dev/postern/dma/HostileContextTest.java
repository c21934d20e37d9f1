package dev.postern.dma;

import static dev.postern.dma.DmaDirection.BIDIRECTIONAL;
import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class HostileContextTest {

    private static final long SEED = 0xfeed;

    private final TestRam ram = new TestRam();
    private final HostileContext context = open(DmaConstraints.NONE);
    private final DeviceView device = context.deviceView();
    private final long pa = ram.buffer(0x4000) + 0x234;

    @Test
    void theDeviceAddressIsNeverInTheBuffer() {
        for (int i = 0; i < 200; i++) {
            long token = context.map(pa, 64, TO_DEVICE);
            long dva = context.deviceAddress(token);
            assertTrue(dva + 64 <= pa || pa + 64 <= dva, () -> "0x%x, %s".formatted(dva, context));
            assertNotEquals(dva, token);
            context.unmap(token, 64, TO_DEVICE, 0);
        }
    }

    /** The substitute is placed at either end of free memory, so some attempt meets the buffer. */
    @Test
    void aBufferInFramesThatNobodyHoldsIsMisuse() {
        misused("nobody holds", () -> {
            for (int i = 0; i < 64; i++) {
                context.unmap(context.map(TestRam.LOW, 0x2_0000, TO_DEVICE), 0x2_0000, TO_DEVICE, 0);
            }
        });
        context.close();
    }

    @Test
    void theDeviceSeesTheBufferAsItWasAtMapUntilTheSync() {
        ram.put(pa, (byte) 1, (byte) 2, (byte) 3);
        long token = context.map(pa, 3, TO_DEVICE);
        long dva = context.deviceAddress(token);
        ram.put(pa, (byte) 4, (byte) 5, (byte) 6);
        assertArrayEquals(new byte[] {1, 2, 3}, device.read(dva, 3));
        context.syncForDevice(token, 1, 1);
        assertArrayEquals(new byte[] {1, 5, 3}, device.read(dva, 3));
        context.unmap(token, 3, TO_DEVICE, 0);
        assertArrayEquals(new byte[] {4, 5, 6}, ram.get(pa, 3));
    }

    @Test
    void theDriverSeesWhatTheDeviceWroteOnlyAfterSyncOrUnmap() {
        ram.put(pa, (byte) 1, (byte) 2, (byte) 3);
        long token = context.map(pa, 3, FROM_DEVICE);
        device.write(context.deviceAddress(token), new byte[] {7, 8, 9});
        assertArrayEquals(new byte[] {1, 2, 3}, ram.get(pa, 3));
        context.syncForCpu(token, 1, 1);
        assertArrayEquals(new byte[] {1, 8, 3}, ram.get(pa, 3));
        context.unmap(token, 3, FROM_DEVICE, 3);
        assertArrayEquals(new byte[] {7, 8, 9}, ram.get(pa, 3));
    }

    /** CVE-2022-0854 and CVE-2022-48853: a device that writes nothing must not show old pool contents. */
    @Test
    void cve20220854AndCve202248853ADeviceThatWritesNothingLeavesTheBufferUnchanged() {
        byte[] before = {11, 12, 13, 14};
        ram.put(pa, before);
        for (DmaDirection direction : List.of(FROM_DEVICE, BIDIRECTIONAL)) {
            long token = context.map(pa, 4, direction);
            context.unmap(token, 4, direction, 0);
            assertArrayEquals(before, ram.get(pa, 4));
        }
    }

    @Test
    void bytesPastWrittenAreAsBeforeTheMappingEvenAfterASyncShowedThem() {
        byte[] before = {11, 12, 13, 14};
        ram.put(pa, before);
        long token = context.map(pa, 4, FROM_DEVICE);
        device.write(context.deviceAddress(token), new byte[] {1, 2, 3});
        context.syncForCpu(token, 0, 4);
        context.unmap(token, 4, FROM_DEVICE, 2);
        assertArrayEquals(new byte[] {1, 2, 13, 14}, ram.get(pa, 4));
    }

    @Test
    void whatTheDeviceSaysItWroteButDidNotIsPoisonAndNeverZero() {
        long token = context.map(pa, 256, FROM_DEVICE);
        context.unmap(token, 256, FROM_DEVICE, 256);
        for (byte b : ram.get(pa, 256)) {
            assertTrue(b < 0, context::toString);
        }
    }

    @Test
    void aBidirectionalMappingGoesBothWays() {
        ram.put(pa, (byte) 1, (byte) 2);
        long token = context.map(pa, 2, BIDIRECTIONAL);
        long dva = context.deviceAddress(token);
        assertArrayEquals(new byte[] {1, 2}, device.read(dva, 2));
        device.write(dva, new byte[] {5});
        context.unmap(token, 2, BIDIRECTIONAL, 2);
        assertArrayEquals(new byte[] {5, 2}, ram.get(pa, 2));
    }

    @Test
    void memoryIsPoisonedAfterUnmapAndTheDeviceFaultsThere() {
        ram.put(pa, new byte[64]);
        long token = context.map(pa, 64, TO_DEVICE);
        long dva = context.deviceAddress(token);
        context.unmap(token, 64, TO_DEVICE, 0);
        for (byte b : ram.get(dva, 64)) {
            assertTrue(b < 0, context::toString);
        }
        faults("has ended", () -> device.read(dva, 1));
    }

    @Test
    void theDeviceFaultsOutsideItsMappingsAndInTheWrongDirection() {
        long reads = context.deviceAddress(context.map(pa, 64, TO_DEVICE));
        long writes = context.deviceAddress(context.map(pa + 64, 64, FROM_DEVICE));
        faults("TO_DEVICE", () -> device.write(reads, new byte[1]));
        faults("FROM_DEVICE", () -> device.read(writes, 1));
        faults("past the end", () -> device.read(reads, 65));
        faults("past the end", () -> device.write(writes + 63, new byte[2]));
        faults("nothing is mapped", () -> device.read(reads - 1, 1));
        faults("nothing is mapped", () -> device.read(reads + 64, 1));
        faults("nothing is mapped", () -> device.read(pa, 1));
        device.read(reads + 63, 1);
        device.write(writes + 63, new byte[1]);
    }

    @Test
    void misuseIsThrownAndLeavesTheMappingAlive() {
        long token = context.map(pa, 64, FROM_DEVICE);
        misused("not mapped", () -> context.unmap(token + 1, 64, FROM_DEVICE, 0));
        misused("length 63", () -> context.unmap(token, 63, FROM_DEVICE, 0));
        misused("direction TO_DEVICE", () -> context.unmap(token, 64, TO_DEVICE, 0));
        misused("65 bytes written", () -> context.unmap(token, 64, FROM_DEVICE, 65));
        misused("-1 bytes written", () -> context.unmap(token, 64, FROM_DEVICE, -1));
        misused("outside", () -> context.syncForCpu(token, 1, 64));
        misused("outside", () -> context.syncForDevice(token, -1, 1));
        misused("outside", () -> context.syncForCpu(token, 0, -1));
        misused("outside", () -> context.syncForCpu(token, Long.MAX_VALUE, 2));
        misused("not mapped", () -> context.syncForCpu(token + 1, 0, 1));
        misused("not mapped", () -> context.deviceAddress(token + 1));
        context.unmap(token, 64, FROM_DEVICE, 64);
        misused("not mapped", () -> context.unmap(token, 64, FROM_DEVICE, 0));
        long toDevice = context.map(pa, 64, TO_DEVICE);
        misused("1 bytes written", () -> context.unmap(toDevice, 64, TO_DEVICE, 1));
    }

    @Test
    void closingWithAnythingLeftIsMisuseThatNamesIt() {
        context.map(pa, 64, FROM_DEVICE);
        context.allocateCoherent(100, 16);
        String message = assertThrows(DmaMisuseException.class, context::close).getMessage();
        assertTrue(message.contains("mapping of 0x%x, 64 bytes, FROM_DEVICE".formatted(pa)), message);
        assertTrue(message.contains("coherent buffer of 100 bytes"), message);
        misused("after the context was closed", () -> context.map(pa, 1, TO_DEVICE));
        misused("after the context was closed", () -> context.allocateCoherent(1, 1));
        context.close();
    }

    @Test
    void everythingIsGivenBackToTheAllocatorAtClose() {
        long free = ram.frames().freeBytes();
        for (int i = 0; i < 100; i++) {
            context.unmap(context.map(pa, 64, TO_DEVICE), 64, TO_DEVICE, 0);
            context.allocateCoherent(5000, 8192).close();
        }
        context.close();
        assertEquals(free, ram.frames().freeBytes());
    }

    @Test
    void aLateDeviceWriteIsReportedAtClose() {
        long token = context.map(pa, 64, FROM_DEVICE);
        long dva = context.deviceAddress(token);
        context.unmap(token, 64, FROM_DEVICE, 0);
        ram.put(dva + 7, (byte) 0);
        String message = assertThrows(DmaMisuseException.class, context::close).getMessage();
        assertTrue(message.contains("0x%x was written after the end of the mapping".formatted(dva + 7)), message);
    }

    @Test
    void aDeviceWriteBesideAMappingOrCoherentBufferIsReportedAtClose() {
        long token = context.map(pa, 64, FROM_DEVICE);
        long dva = context.deviceAddress(token);
        ram.put(dva + 64, (byte) 0);
        context.unmap(token, 64, FROM_DEVICE, 0);
        CoherentBuffer buffer = context.allocateCoherent(64, 64);
        long before = buffer.deviceAddress() - 1;
        ram.put(before, (byte) 0);
        buffer.close();
        String message = assertThrows(DmaMisuseException.class, context::close).getMessage();
        assertTrue(message.contains("0x%x was written, outside the mapping".formatted(dva + 64)), message);
        assertTrue(message.contains("0x%x was written, outside the coherent buffer".formatted(before)), message);
    }

    @Test
    void aCoherentBufferIsZeroSharedWithTheDeviceAndAlignedAsAskedFor() {
        for (long alignment : new long[] {1, 2, 16, 4096, 0x1_0000}) {
            try (CoherentBuffer buffer = context.allocateCoherent(300, alignment)) {
                assertEquals(0, buffer.deviceAddress() % alignment);
                assertEquals(-1, buffer.segment().mismatch(MemorySegment.ofArray(new byte[300])));
                device.write(buffer.deviceAddress() + 299, new byte[] {42});
                assertEquals(42, buffer.segment().get(ValueLayout.JAVA_BYTE, 299));
                faults("past the end", () -> device.read(buffer.deviceAddress() + 299, 2));
            }
        }
    }

    @Test
    void aCoherentBufferIsClosedOnceAndGoneAfterwards() {
        CoherentBuffer buffer = context.allocateCoherent(300, 16);
        buffer.close();
        faults("has ended", () -> device.read(buffer.deviceAddress(), 1));
        misused("second close", buffer::close);
    }

    /** Every combination of constraints is kept, whatever the choices of the seed. */
    @Test
    void substitutesKeepTheConstraints() {
        SplittableRandom random = new SplittableRandom(SEED);
        long area = ram.buffer(0x1_0000);
        for (long boundary : new long[] {0, 512, 4096, 0x4000, 0x1_0000, 1 << 20}) {
            for (int mask : new int[] {0, 0x1ff, 0xfff}) {
                HostileContext narrow = open(new DmaConstraints(32, 0x8000, boundary, mask));
                for (int i = 0; i < 40; i++) {
                    long offset = random.nextLong(0x1000) & ~15L;
                    long room = boundary == 0 ? 0x8000 : boundary - (area + offset) % boundary;
                    long length = 1 + random.nextLong(Math.min(room, narrow.largestMapping()));
                    long from = area + offset;
                    long token = narrow.map(from, length, TO_DEVICE);
                    long dva = narrow.deviceAddress(token);
                    String what = "0x%x for 0x%x, %d bytes, %s".formatted(dva, from, length, narrow.constraints());
                    assertTrue(dva + length <= 1L << 32, what);
                    assertEquals(from & (mask | 15), dva & (mask | 15), what);
                    if (boundary != 0) {
                        assertEquals(dva / boundary, (dva + length - 1) / boundary, what);
                    }
                    narrow.unmap(token, length, TO_DEVICE, 0);
                }
                narrow.close();
            }
        }
    }

    @Test
    void whatCannotBePlacedIsRefusedAndTakesNothing() {
        HostileContext narrow = open(new DmaConstraints(64, 0x1000, 0x1000, 0xfff));
        long free = ram.frames().freeBytes();
        refused("cannot be placed", () -> narrow.map(pa, 0x1000, TO_DEVICE));
        assertEquals(free, ram.frames().freeBytes());
    }

    @Test
    void aFullMachineIsAMappingErrorOnceTheQuarantineIsUsedUp() {
        List<Long> tokens = new ArrayList<>();
        String message = assertThrows(DmaMappingException.class, () -> {
                    while (true) {
                        tokens.add(context.map(pa, 0x3000, TO_DEVICE));
                    }
                })
                .getMessage();
        assertTrue(message.contains("seed 0xfeed"), message);
        assertTrue(tokens.size() > 100, message);
        tokens.forEach(token -> context.unmap(token, 0x3000, TO_DEVICE, 0));
        context.unmap(context.map(pa, 0x3000, TO_DEVICE), 0x3000, TO_DEVICE, 0);
        context.close();
    }

    @Test
    void badRangesAreRefusedAsElsewhere() {
        refused("is not inside one RAM region", () -> context.map(0x1000, 1, TO_DEVICE));
        refused("split the transfer", () -> context.map(pa, 0, TO_DEVICE));
        refused("split the transfer", () -> context.map(pa, context.largestMapping() + 1, TO_DEVICE));
        refused("give a power of two", () -> context.allocateCoherent(1, 3));
        refused("ask for less", () -> context.allocateCoherent(Long.MAX_VALUE, 1));
    }

    @Test
    void twoThreadsMayMapAndUnmapAtOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < 2; t++) {
            byte mark = (byte) (t + 1);
            long own = pa + 0x1000 * t;
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((_, e) -> failures.add(e))
                    .start(() -> {
                        for (int i = 0; i < 1000; i++) {
                            long token = context.map(own, 64, FROM_DEVICE);
                            device.write(context.deviceAddress(token), new byte[] {mark});
                            context.unmap(token, 64, FROM_DEVICE, 1);
                            assertEquals(mark, ram.get(own, 1)[0]);
                        }
                    }));
        }
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofSeconds(30)), "a thread did not end");
        }
        assertEquals(List.of(), failures);
        context.close();
    }

    @Test
    void aQuarantinedMappingStaysTheDevicesAndIsNoLeak() {
        long mine = ram.buffer(4096);
        long token = context.map(mine, 64, FROM_DEVICE);
        long dva = context.deviceAddress(token);
        misused("quarantine with length 63", () -> context.quarantine(token, 63));
        context.quarantine(token, 64);
        assertEquals(1, context.quarantinedMappings());
        device.write(dva, new byte[] {7});
        assertEquals(0, ram.get(mine, 1)[0]);
        misused("not mapped", () -> context.unmap(token, 64, FROM_DEVICE, 1));
        misused("not mapped", () -> context.quarantine(token, 64));
        context.close();
    }

    @Test
    void theSameSeedMakesTheSameChoicesAndAnotherSeedOthers() {
        assertEquals(addresses(SEED), addresses(SEED));
        assertNotEquals(addresses(SEED), addresses(SEED + 1));
        assertEquals("blk0 (hostile, seed 0xfeed)", context.toString());
        assertEquals(SEED, context.seed());
    }

    private static List<Long> addresses(long seed) {
        TestRam other = new TestRam();
        HostileContext hostile = DmaContexts.hostile(seed, other.frames(), DmaConstraints.NONE, "blk0");
        long buffer = other.buffer(4096);
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            addresses.add(hostile.deviceAddress(hostile.map(buffer, 100, TO_DEVICE)));
        }
        return addresses;
    }

    private HostileContext open(DmaConstraints constraints) {
        return DmaContexts.hostile(SEED, ram.frames(), constraints, "blk0");
    }

    private static void faults(String why, Executable access) {
        named(why, assertThrows(DeviceFaultException.class, access).getMessage());
    }

    private static void misused(String why, Executable call) {
        named(why, assertThrows(DmaMisuseException.class, call).getMessage());
    }

    @Test
    void substitutesLieInsideTheWindowAndCoherentBuffersWhereAQueuesAddressReachesToo() {
        PaWindow window = new PaWindow(TestRam.LOW + (4 << 20), TestRam.HIGH + (4 << 20) - 1);
        DmaConstraints limits = new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 32, window);
        long buffer = ram.buffer(4096);
        try (HostileContext context = DmaContexts.hostile(9, ram.frames(), limits, "blk0")) {
            boolean high = false;
            for (int i = 0; i < 50; i++) {
                long token = context.map(buffer, 4096, TO_DEVICE);
                assertTrue(window.contains(context.deviceAddress(token), 4096), "seed 9");
                high |= context.deviceAddress(token) >= TestRam.HIGH;
                context.unmap(token, 4096, TO_DEVICE, 0);
                try (CoherentBuffer ring = context.allocateCoherent(4096, 1)) {
                    assertTrue(window.contains(ring.deviceAddress(), 4096), "seed 9");
                    assertTrue(ring.deviceAddress() + 4096 <= 1L << 32, "seed 9");
                }
            }
            assertTrue(high, "the queue's limit is none of mappings; seed 9");
        }
    }

    private static void refused(String why, Executable call) {
        named(why, assertThrows(DmaMappingException.class, call).getMessage());
    }

    private static void named(String why, String message) {
        assertTrue(message.startsWith("DMA: blk0 (hostile, seed 0xfeed): ") && message.contains(why), message);
        assertFalse(message.contains("\n"), message);
    }
}
