package dev.postern.dma;

import static dev.postern.dma.DmaDirection.BIDIRECTIONAL;
import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class BouncedContextTest {

    private static final byte OLD = 0x55;
    private static final byte NEW = 0x66;

    private final SecureRam secure = new SecureRam();
    private final TestRam ram = secure.ram();
    private final BouncePool pool = secure.pool(256 << 10);
    private final DmaContext context = secure.open(pool);
    private final long buffer = ram.buffer(64 << 10);

    @Test
    void theDeviceGetsACopyInSharedMemoryAtItsAlias() {
        ram.put(buffer + 5, bytes(100, OLD));
        long token = context.map(buffer + 5, 100, TO_DEVICE);
        long dva = context.deviceAddress(token);
        assertTrue(dva >= FakePageSharing.ALIAS, "0x%x".formatted(dva));
        assertArrayEquals(bytes(100, OLD), secure.read(dva, 100));
        context.unmap(token, 100, TO_DEVICE, 0);
    }

    @Test
    void theOffsetOfThePlanIsAddedToTheAlias() {
        DmaContext shifted = DmaContexts.open(
                new DmaPlan.Bounced(new DmaPlan.Direct(0x10_0000)),
                DmaMemory.secure(secure.shared(), pool),
                DmaConstraints.NONE,
                "blk0");
        long token = shifted.map(buffer, 8, TO_DEVICE);
        long pa = shifted.deviceAddress(token) - FakePageSharing.ALIAS - 0x10_0000;
        assertTrue(pool.ranges().stream().anyMatch(range -> range.contains(pa)));
        assertEquals("Bounced over Direct + 0x100000", shifted.plan().describe());
        assertEquals("blk0 (Bounced over Direct + 0x100000)", shifted.toString());
    }

    @Test
    void whatTheDeviceWritesReachesTheBufferAtUnmapAndNotBefore() {
        long token = context.map(buffer, 10, FROM_DEVICE);
        secure.write(context.deviceAddress(token), bytes(10, NEW));
        assertArrayEquals(new byte[10], ram.get(buffer, 10));
        context.unmap(token, 10, FROM_DEVICE, 10);
        assertArrayEquals(bytes(10, NEW), ram.get(buffer, 10));
    }

    @Test
    void whatTheDeviceWritesToAToDeviceMappingGoesNowhere() {
        ram.put(buffer, bytes(10, OLD));
        long token = context.map(buffer, 10, TO_DEVICE);
        secure.write(context.deviceAddress(token), bytes(10, NEW));
        context.syncForCpu(token, 0, 10);
        context.unmap(token, 10, TO_DEVICE, 0);
        assertArrayEquals(bytes(10, OLD), ram.get(buffer, 10));
    }

    /** Row 28: the device writes nothing; nothing of the pool may show. */
    @ParameterizedTest
    @EnumSource(UsedLengthTrust.class)
    void cve20220854NoStaleByteOfThePoolShowsInAFromDeviceBuffer(UsedLengthTrust trust) {
        for (UnwrittenBytes unwritten : UnwrittenBytes.values()) {
            DmaContext one = secure.open(pool, DmaConstraints.NONE, new BounceRules(trust, unwritten));
            long secret = ram.buffer(4096);
            ram.put(secret, bytes(4096, OLD));
            long first = one.map(secret, 4096, TO_DEVICE);
            long slot = one.deviceAddress(first);
            one.unmap(first, 4096, TO_DEVICE, 0);
            ram.put(buffer, bytes(4096, NEW));
            long token = one.map(buffer, 3000, FROM_DEVICE);
            assertEquals(slot, one.deviceAddress(token), "the slot is used again, else this proves nothing");
            byte handed = unwritten == UnwrittenBytes.ZEROED ? 0 : NEW;
            assertArrayEquals(bytes(3000, handed), secure.read(slot, 3000));
            one.unmap(token, 3000, FROM_DEVICE, 3000);
            assertArrayEquals(bytes(3000, handed), ram.get(buffer, 3000));
            assertArrayEquals(bytes(1096, NEW), ram.get(buffer + 3000, 1096));
            one.close();
        }
    }

    @Test
    void onlyTheReportedBytesComeBack() {
        ram.put(buffer, bytes(100, OLD));
        long token = context.map(buffer, 100, FROM_DEVICE);
        secure.write(context.deviceAddress(token), bytes(100, NEW));
        context.unmap(token, 100, FROM_DEVICE, 40);
        assertArrayEquals(bytes(40, NEW), ram.get(buffer, 40));
        assertArrayEquals(bytes(60, OLD), ram.get(buffer + 40, 60));
    }

    @Test
    void aReportBeyondTheMappingIsCutWhenItIsClamped() {
        ram.put(buffer, bytes(200, OLD));
        long token = context.map(buffer, 100, FROM_DEVICE);
        secure.write(context.deviceAddress(token), bytes(100, NEW));
        context.unmap(token, 100, FROM_DEVICE, Long.MAX_VALUE);
        assertArrayEquals(bytes(100, NEW), ram.get(buffer, 100));
        assertArrayEquals(bytes(100, OLD), ram.get(buffer + 100, 100));
    }

    @Test
    void aReportBeyondTheMappingIsMisuseWhenItIsTrusted() {
        DmaContext trusting =
                secure.open(pool, DmaConstraints.NONE, new BounceRules(UsedLengthTrust.TRUSTED, UnwrittenBytes.ZEROED));
        long token = trusting.map(buffer, 100, FROM_DEVICE);
        misuse("101 bytes written", () -> trusting.unmap(token, 100, FROM_DEVICE, 101));
        trusting.unmap(token, 100, FROM_DEVICE, 100);
    }

    @Test
    void anIgnoredReportCopiesEverythingSinceTheSlotWasZeroed() {
        DmaContext doubting =
                secure.open(pool, DmaConstraints.NONE, new BounceRules(UsedLengthTrust.IGNORE, UnwrittenBytes.ZEROED));
        ram.put(buffer, bytes(100, OLD));
        long token = doubting.map(buffer, 100, FROM_DEVICE);
        secure.write(doubting.deviceAddress(token), bytes(70, NEW));
        doubting.unmap(token, 100, FROM_DEVICE, 0);
        assertArrayEquals(bytes(70, NEW), ram.get(buffer, 70));
        assertArrayEquals(new byte[30], ram.get(buffer + 70, 30));
    }

    @Test
    void aBidirectionalMappingIsCopiedInAndItsReportedBytesBack() {
        ram.put(buffer, bytes(100, OLD));
        long token = context.map(buffer, 100, BIDIRECTIONAL);
        long dva = context.deviceAddress(token);
        assertArrayEquals(bytes(100, OLD), secure.read(dva, 100));
        secure.write(dva, bytes(100, NEW));
        context.unmap(token, 100, BIDIRECTIONAL, 10);
        assertArrayEquals(bytes(10, NEW), ram.get(buffer, 10));
        assertArrayEquals(bytes(90, OLD), ram.get(buffer + 10, 90));
    }

    @Test
    void aSyncCopiesItsRangeOnly() {
        ram.put(buffer, bytes(100, OLD));
        long token = context.map(buffer, 100, BIDIRECTIONAL);
        long dva = context.deviceAddress(token);
        secure.write(dva, bytes(100, NEW));
        context.syncForCpu(token, 20, 30);
        assertArrayEquals(bytes(20, OLD), ram.get(buffer, 20));
        assertArrayEquals(bytes(30, NEW), ram.get(buffer + 20, 30));
        assertArrayEquals(bytes(50, OLD), ram.get(buffer + 50, 50));
        ram.put(buffer, bytes(100, (byte) 1));
        context.syncForDevice(token, 99, 1);
        assertArrayEquals(bytes(99, NEW), secure.read(dva, 99));
        assertArrayEquals(bytes(1, (byte) 1), secure.read(dva + 99, 1));
        context.syncForCpu(token, 100, 0);
        for (long[] range : new long[][] {{-1, 1}, {0, 101}, {100, 1}, {1, Long.MAX_VALUE}, {0, -1}}) {
            misuse("outside a mapping", () -> context.syncForCpu(token, range[0], range[1]));
            misuse("outside a mapping", () -> context.syncForDevice(token, range[0], range[1]));
        }
    }

    /** A driver may look at what came so far; handing the buffer back must not destroy what the device wrote. */
    @Test
    void whatTheDeviceWroteSurvivesASyncForTheDevice() {
        long token = context.map(buffer, 100, FROM_DEVICE);
        secure.write(context.deviceAddress(token), bytes(100, NEW));
        context.syncForCpu(token, 0, 100);
        assertArrayEquals(bytes(100, NEW), ram.get(buffer, 100));
        context.syncForDevice(token, 0, 100);
        context.unmap(token, 100, FROM_DEVICE, 100);
        assertArrayEquals(bytes(100, NEW), ram.get(buffer, 100));
    }

    /** Rows 34 and 35: neither bytes beside the buffer nor book-keeping get into shared memory. */
    @Test
    void cve202457843NothingButTheBytesOfMappingsIsEverInThePool() {
        ram.at(buffer, 64 << 10).fill(OLD);
        long mapped = 0;
        for (int length : new int[] {1, 16, 63, 64, 65, 512, 513, 2048, 4095, 4097, 9000}) {
            context.map(buffer + 6 * length, length, TO_DEVICE);
            mapped += length;
            assertEquals(mapped, secure.count(pool, OLD));
            context.map(buffer, length, FROM_DEVICE);
        }
        long zeros = secure.count(pool, (byte) 0);
        assertEquals(256 << 10, mapped + zeros);
    }

    /** Row 35: every byte of a mapping is the buffer's, whatever the slot held. */
    @Test
    void cve202540236EveryByteThatTheDeviceReadsWasWritten() {
        ram.at(buffer, 64 << 10).fill(OLD);
        for (int length = 1; length <= 4096; length += 61) {
            long poisoned = context.map(buffer, 4096, TO_DEVICE);
            context.unmap(poisoned, 4096, TO_DEVICE, 0);
            ram.at(buffer, length).fill(NEW);
            long token = context.map(buffer, length, TO_DEVICE);
            assertArrayEquals(bytes(length, NEW), secure.read(context.deviceAddress(token), length));
            context.unmap(token, length, TO_DEVICE, 0);
            ram.at(buffer, length).fill(OLD);
        }
    }

    @Test
    void whatOneDeviceLeavesInASlotIsZeroBeforeAnotherDeviceGetsIt() {
        BouncePool small = secure.pool(64 << 10);
        DmaContext first = secure.open(small);
        ram.at(buffer, 64 << 10).fill(OLD);
        long[] tokens = new long[8];
        for (int i = 0; i < 8; i++) {
            tokens[i] = first.map(buffer, 8192, TO_DEVICE);
        }
        assertEquals(64 << 10, secure.count(small, OLD));
        for (long token : tokens) {
            first.unmap(token, 8192, TO_DEVICE, 0);
        }
        DmaContext second = secure.open(small);
        long token = second.map(buffer, 1, FROM_DEVICE);
        assertArrayEquals(new byte[4096], secure.read(second.deviceAddress(token) & -4096, 4096));
    }

    @Test
    void theLowAddressBitsOfTheMaskArePreserved() {
        DmaContext picky = secure.open(pool, new DmaConstraints(64, Long.MAX_VALUE, 0, 0x1ff), BounceRules.CAUTIOUS);
        assertEquals(pool.largestMapping() - 0x1ff, picky.largestMapping());
        for (int offset : new int[] {0, 1, 0x1ff, 0x200, 0x733}) {
            for (int length : new int[] {1, 100, 600, 4000, (int) picky.largestMapping()}) {
                long token = picky.map(buffer + offset, length, TO_DEVICE);
                assertEquals(offset & 0x1ff, picky.deviceAddress(token) & 0x1ff);
                picky.unmap(token, length, TO_DEVICE, 0);
            }
        }
    }

    @Test
    void aBoundaryIsNeverCrossed() {
        DmaContext bounded = secure.open(pool, new DmaConstraints(64, Long.MAX_VALUE, 0x1000, 0), BounceRules.CAUTIOUS);
        assertEquals(0x1000, bounded.largestMapping());
        for (int length : new int[] {1, 63, 65, 2047, 4096}) {
            long token = bounded.map(buffer + 4095, length, TO_DEVICE);
            long dva = bounded.deviceAddress(token);
            assertEquals(dva >>> 12, dva + length - 1 >>> 12);
        }
    }

    @Test
    void aDeviceThatCannotReachThePoolIsRefused() {
        DmaConstraints narrow = new DmaConstraints(40, Long.MAX_VALUE, 0, 0);
        refused("make the pool of lower memory", () -> secure.open(pool, narrow, BounceRules.CAUTIOUS));
        refused(
                "needs a bounce pool",
                () -> DmaContexts.open(
                        new DmaPlan.Bounced(new DmaPlan.Direct(0)),
                        DmaMemory.plain(ram.frames()),
                        DmaConstraints.NONE,
                        "blk0"));
    }

    @Test
    void aPoolThatTheBusDoesNotCarryIsRefused() {
        PhysRange range = pool.ranges().getFirst();
        DmaConstraints misses = window(range.basePa() + 1, -1);
        refused(
                "which the bus carries for the device: make the pool of memory inside",
                () -> secure.open(pool, misses, BounceRules.CAUTIOUS));
        // The window is one of guest-physical addresses, not of shared aliases.
        DmaContext carried = secure.open(pool, window(TestRam.HIGH, range.endPa() - 1), BounceRules.CAUTIOUS);
        long low = TestRam.LOW;
        carried.unmap(carried.map(low, 100, TO_DEVICE), 100, TO_DEVICE, 0);
        for (int i = 0; i < 10; i++) {
            long ring = carried.allocateCoherent(4096, 1).deviceAddress() - FakePageSharing.ALIAS;
            assertTrue(ring >= TestRam.HIGH && ring < range.endPa(), "0x%x".formatted(ring));
        }
    }

    @Test
    void coherentBuffersComeFromThePoolWhereNotAllOfTheSharedMemoryIsCarried() {
        FakePageSharing everywhere = new FakePageSharing(ram.frames().memory()) {
            @Override
            public List<PhysRange> shareable() {
                return List.of(new PhysRange(TestRam.LOW, TestRam.SIZE), new PhysRange(TestRam.HIGH, TestRam.SIZE));
            }
        };
        SharedMemory wide = new SharedMemory(everywhere, ram.frames());
        PhysRange high = new PhysRange(TestRam.HIGH, TestRam.SIZE);
        BouncePool reached = BouncePool.restricted(
                "dma@0", ram.frames().memory(), ram.frames().allocate(64 << 10, FrameRequest.ANY.within(high)));
        DmaContext carried = DmaContexts.open(
                new DmaPlan.Bounced(new DmaPlan.Direct(0)),
                new DmaMemory(ram.frames(), Optional.of(wide), Optional.of(reached)),
                window(TestRam.HIGH, -1),
                "blk0");
        CoherentBuffer ring = carried.allocateCoherent(100, 1);
        assertTrue(reached.ranges().getFirst().contains(ring.deviceAddress()));
        assertEquals(0, wide.sharedBytes());
        ring.close();
    }

    @Test
    void aPoolDoesNotGrowToWhereADeviceThatUsesItDoesNotReach() {
        BouncePool growing = BouncePool.overFrames(
                ram.frames(), PoolOptions.fixed("test", 64 << 10).withAreas(1).growingTo(128 << 10));
        long lowest = growing.ranges().getFirst().basePa();
        DmaMemory memory = DmaMemory.restricted(ram.frames(), growing);
        DmaPlan plan = new DmaPlan.Bounced(new DmaPlan.Direct(0));
        DmaContext bounded = DmaContexts.open(plan, memory, window(lowest, -1), "blk0");
        DmaContext free = DmaContexts.open(plan, memory, DmaConstraints.NONE, "net0");
        long frames = ram.frames().freeBytes();
        String message = assertThrows(PoolFullException.class, () -> {
                    while (true) {
                        free.map(buffer, 4096, TO_DEVICE);
                    }
                })
                .getMessage();
        assertTrue(message.contains("; it could not grow: blk0 does not reach 0x"), message);
        assertEquals(frames, ram.frames().freeBytes());
        bounded.close();
        free.map(buffer, 4096, TO_DEVICE);
        assertEquals(64 << 10, growing.statistics().grownBytes());
    }

    @Test
    void aCoherentBufferThatAQueuesAddressCannotSayIsRefusedAndAMappingIsNot() {
        DmaContext legacy =
                secure.open(pool, new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 44, PaWindow.ALL), BounceRules.CAUTIOUS);
        long free = ram.frames().freeBytes();
        refused("is beyond 44 address bits", () -> legacy.allocateCoherent(4096, 1));
        assertEquals(free, ram.frames().freeBytes());
        assertTrue(legacy.deviceAddress(legacy.map(buffer, 1, TO_DEVICE)) >= 1L << 44);
    }

    @Test
    void lengthsAndRangesOutsideAreRefused() {
        assertEquals(32 << 10, context.largestMapping());
        for (long length : new long[] {0, -1, (32 << 10) + 1, Long.MIN_VALUE}) {
            refused("1 to 32768 bytes", () -> context.map(buffer, length, TO_DEVICE));
        }
        refused("is not inside one RAM region", () -> context.map(0x1000, 1, TO_DEVICE));
        refused("is not inside one RAM region", () -> context.map(TestRam.LOW + TestRam.SIZE - 1, 2, TO_DEVICE));
        assertEquals(0, pool.statistics().bytesInUse());
    }

    @Test
    void aTokenIsGoodForOneUnmapOfItsOwnContext() {
        long token = context.map(buffer, 100, TO_DEVICE);
        DmaContext other = secure.open(pool);
        misuse("not mapped", () -> other.unmap(token, 100, TO_DEVICE, 0));
        misuse("length 99", () -> context.unmap(token, 99, TO_DEVICE, 0));
        misuse("FROM_DEVICE", () -> context.unmap(token, 100, FROM_DEVICE, 0));
        misuse("-1 bytes written", () -> context.unmap(token, 100, TO_DEVICE, -1));
        context.unmap(token, 100, TO_DEVICE, 0);
        misuse("not mapped", () -> context.unmap(token, 100, TO_DEVICE, 0));
        misuse("not mapped", () -> context.deviceAddress(token));
        misuse("not mapped", () -> context.syncForCpu(token, 0, 1));
        misuse("not mapped", () -> context.quarantine(token, 100));
        long again = context.map(buffer, 100, TO_DEVICE);
        misuse("not mapped", () -> context.unmap(token, 100, TO_DEVICE, 0));
        for (long wrong : new long[] {0, -1, again ^ 1, again ^ 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE}) {
            misuse("not mapped", () -> context.unmap(wrong, 100, TO_DEVICE, 0));
        }
        context.unmap(again, 100, TO_DEVICE, 0);
    }

    @Test
    void aTokenStaysVoidWhenItsPageIsCutAnew() {
        BouncePool small = secure.pool(64 << 10);
        DmaContext one = secure.open(small);
        long token = one.map(buffer, 1, TO_DEVICE);
        one.unmap(token, 1, TO_DEVICE, 0);
        for (int turn = 0; turn < 100; turn++) {
            long[] large = new long[8];
            for (int i = 0; i < 8; i++) {
                large[i] = one.map(buffer, 8192, TO_DEVICE);
            }
            misuse("not mapped", () -> one.deviceAddress(token));
            for (long each : large) {
                one.unmap(each, 8192, TO_DEVICE, 0);
            }
            long tiny = one.map(buffer, 1, TO_DEVICE);
            misuse("not mapped", () -> one.deviceAddress(token));
            one.unmap(tiny, 1, TO_DEVICE, 0);
        }
    }

    @Test
    void aQuarantinedMappingIsNeverUsedAgainAndNoLeak() {
        long token = context.map(buffer, 4096, FROM_DEVICE);
        long slot = context.deviceAddress(token);
        misuse("quarantine with length", () -> context.quarantine(token, 4095));
        context.quarantine(token, 4096);
        assertEquals(1, context.quarantinedMappings());
        misuse("not mapped", () -> context.unmap(token, 4096, FROM_DEVICE, 0));
        for (int i = 0; i < 63; i++) {
            long other = context.deviceAddress(context.map(buffer, 4096, FROM_DEVICE));
            assertTrue(Math.abs(other - slot) >= 4096);
        }
        assertThrows(PoolFullException.class, () -> context.map(buffer, 4096, FROM_DEVICE));
    }

    @Test
    void aContextWithNothingButQuarantinedMappingsClosesAndItsPagesStayOutOfUse() {
        long free = ram.frames().freeBytes();
        long token = context.map(buffer, 4096, FROM_DEVICE);
        context.quarantine(token, 4096);
        context.close();
        pool.close();
        assertEquals(free, ram.frames().freeBytes());
        assertEquals(1, pool.statistics().quarantinedMappings());
        assertEquals(4096, pool.statistics().bytesInUse());
    }

    @Test
    void closingWithAMappingLeftIsReportedAndItsSlotIsNotUsedAgain() {
        long slot = context.deviceAddress(context.map(buffer, 4096, TO_DEVICE));
        misuse("1 mappings and 0 coherent buffers", context::close);
        context.close();
        misuse("after the context was closed", () -> context.map(buffer, 1, TO_DEVICE));
        DmaContext next = secure.open(pool);
        for (int i = 0; i < 63; i++) {
            assertTrue(Math.abs(next.deviceAddress(next.map(buffer, 4096, TO_DEVICE)) - slot) >= 4096);
        }
    }

    @Test
    void coherentBuffersAreSharedZeroedAlignedAndAtTheAlias() {
        long free = ram.frames().freeBytes();
        CoherentBuffer ring = context.allocateCoherent(5000, 0x4000);
        assertEquals(0, ring.deviceAddress() % 0x4000);
        assertArrayEquals(new byte[5000], secure.read(ring.deviceAddress(), 5000));
        secure.write(ring.deviceAddress() + 4999, NEW);
        assertEquals(NEW, ring.segment().get(ValueLayout.JAVA_BYTE, 4999));
        long pa = ring.deviceAddress() - FakePageSharing.ALIAS;
        ring.close();
        assertFalse(secure.sharing().isShared(new PhysRange(pa, 4096)));
        assertEquals(free, ram.frames().freeBytes());
        misuse("closed before", ring::close);
        refused("no coherent buffer", () -> context.allocateCoherent(2 * TestRam.SIZE, 1));
        refused("give a power of two", () -> context.allocateCoherent(1, 3));
        context.allocateCoherent(1, 1);
        misuse("0 mappings and 1 coherent buffers", context::close);
    }

    @Test
    void aRestrictedDeviceGetsEverythingFromItsPool() {
        PhysRange range = ram.frames().allocate(128 << 10, FrameRequest.ANY);
        ram.at(range.basePa(), range.length()).fill(OLD);
        BouncePool restricted = BouncePool.restricted("dma@0", ram.frames().memory(), range);
        DmaContext narrow = DmaContexts.open(
                new DmaPlan.Bounced(new DmaPlan.Direct(0)),
                DmaMemory.restricted(ram.frames(), restricted),
                DmaConstraints.NONE,
                "net0");
        assertEquals(List.of(range), restricted.ranges());
        CoherentBuffer ring = narrow.allocateCoherent(5000, 1);
        assertTrue(range.contains(ring.deviceAddress(), 5000));
        assertArrayEquals(new byte[5000], ram.get(ring.deviceAddress(), 5000));
        long token = narrow.map(buffer, 16 << 10, TO_DEVICE);
        assertTrue(range.contains(narrow.deviceAddress(token), 16 << 10));
        narrow.unmap(token, 16 << 10, TO_DEVICE, 0);
        ring.close();
        assertEquals(0, restricted.statistics().bytesInUse());
        assertThrows(PoolFullException.class, () -> {
            for (int i = 0; i < 100; i++) {
                narrow.map(buffer, 4096, TO_DEVICE);
            }
        });
        assertEquals(0, restricted.statistics().grownBytes());
    }

    /** Row 31: no option fails in company of another. */
    @Test
    void cve202436925EveryCombinationOfOptionsWorks() {
        for (UsedLengthTrust trust : UsedLengthTrust.values()) {
            for (UnwrittenBytes unwritten : UnwrittenBytes.values()) {
                for (long boundary : new long[] {0, 0x1000, 0x1_0000}) {
                    for (int mask : new int[] {0, 0x3f, 0xfff}) {
                        for (PoolOptions options : options()) {
                            once(new BounceRules(trust, unwritten), boundary, mask, options);
                        }
                    }
                }
            }
        }
    }

    private static List<PoolOptions> options() {
        PoolOptions smallest = PoolOptions.fixed("test", PoolOptions.SMALLEST_BYTES);
        return List.of(
                smallest,
                smallest.withAreas(8),
                smallest.growingTo(1 << 20),
                PoolOptions.fixed("test", 17 << 12).withAreas(4).growingTo(35 << 12));
    }

    private void once(BounceRules rules, long boundary, int mask, PoolOptions options) {
        String what = "%s, boundary 0x%x, mask 0x%x, %s".formatted(rules, boundary, mask, options);
        try (BouncePool one = BouncePool.over(secure.shared(), options);
                DmaContext each = secure.open(one, new DmaConstraints(64, Long.MAX_VALUE, boundary, mask), rules);
                CoherentBuffer _ = each.allocateCoherent(100, 64)) {
            for (DmaDirection direction : DmaDirection.values()) {
                long most = Math.min(each.largestMapping(), boundary == 0 ? Long.MAX_VALUE : boundary);
                ram.put(buffer, bytes(100, OLD));
                long[] lengths = {1, most};
                for (long length : lengths) {
                    long token = each.map(buffer, length, direction);
                    long dva = each.deviceAddress(token);
                    if (direction.deviceReads()) {
                        assertEquals(OLD, secure.read(dva, 1)[0], what);
                    }
                    each.unmap(token, length, direction, direction.deviceWrites() ? length : 0);
                }
            }
            assertEquals(0, one.statistics().bytesInUse(), what);
        }
    }

    /** Row 32: a request that cannot be submitted leaves nothing behind. */
    @Test
    void cve202248890AListThatDoesNotFitLeavesNoSlotBehind() {
        ScatterList list = new ScatterList(100);
        for (int i = 0; i < 100; i++) {
            list.add(buffer, 4096);
        }
        for (int turn = 0; turn < 20; turn++) {
            assertThrows(PoolFullException.class, () -> context.mapAll(list, FROM_DEVICE));
            assertEquals(0, pool.statistics().bytesInUse());
        }
    }

    /** Row 33: whatever is mapped is unmapped, and the pool agrees. */
    @Test
    void cve202427066AListMappedAndUnmappedBalances() {
        ScatterList list = new ScatterList(50);
        for (int i = 0; i < 50; i++) {
            list.add(buffer + i, 1 + 80 * i);
        }
        for (int turn = 0; turn < 20; turn++) {
            context.mapAll(list, FROM_DEVICE);
            assertTrue(pool.statistics().bytesInUse() >= list.totalLength());
            context.unmapAll(list, FROM_DEVICE, list.totalLength());
            assertEquals(0, pool.statistics().bytesInUse());
        }
        context.close();
    }

    private static DmaConstraints window(long firstPa, long lastPa) {
        return new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 64, new PaWindow(firstPa, lastPa));
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
