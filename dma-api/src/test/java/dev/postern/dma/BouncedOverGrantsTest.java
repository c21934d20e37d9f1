package dev.postern.dma;

import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BouncedOverGrantsTest {

    private static final DmaPlan PLAN = new DmaPlan.Bounced(new DmaPlan.Granted());

    private final TestRam ram = new TestRam();
    private final FakeGrantTable grants = new FakeGrantTable(ram);
    private final BouncePool pool = BouncePool.overFrames(
            ram.frames(), PoolOptions.fixed("test", 256 << 10).withAreas(1));
    private final DmaContext context = open(grants, "blk0");
    private final long buffer = ram.buffer(64 << 10);

    @Test
    void theBackEndSeesTheBytesOfTheMappingAndNoneOfItsNeighbours() {
        ram.at(buffer, 4096).fill((byte) 0x5a);
        ram.put(buffer + 100, new byte[16]);
        long token = context.map(buffer + 100, 16, TO_DEVICE);
        long dva = context.deviceAddress(token);
        assertEquals(1L << 63, dva & ~0xff_ffffL);
        assertArrayEquals(new byte[4096], grants.read(dva & -4096, 4096));
        context.unmap(token, 16, TO_DEVICE, 0);
    }

    @Test
    void theBuffersPagesAreNeverGranted() {
        List<Long> tokens = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tokens.add(context.map(buffer + i * 8192, 5000, FROM_DEVICE));
        }
        for (int page = 0; page < 16; page++) {
            assertFalse(grants.isGranted(buffer + page * 4096));
        }
        for (long token : tokens) {
            grants.write(context.deviceAddress(token), new byte[5000]);
        }
        assertEquals(16, grants.inUse(), "eight slots of two pages");
    }

    /** Back-ends live in domains of their own: one must not read what another one is given. */
    @Test
    void eachBackEndIsGrantedThePagesThatItsDeviceHasAndNoOthers() {
        FakeGrantTable others = new FakeGrantTable(ram);
        DmaContext other = open(others, "net0");
        for (int i = 0; i < 5; i++) {
            context.map(buffer, 3000, TO_DEVICE);
            other.map(buffer, 100, TO_DEVICE);
        }
        int granted = 0;
        for (PhysRange range : pool.ranges()) {
            for (long pa = range.basePa(); pa < range.endPa(); pa += 4096) {
                assertFalse(grants.isGranted(pa) && others.isGranted(pa), "0x%x".formatted(pa));
                granted += grants.isGranted(pa) || others.isGranted(pa) ? 1 : 0;
            }
        }
        assertEquals(6, granted, "five pages and one with five short slots");
    }

    @Test
    void aPageStaysGrantedWhileTheDeviceHasItSoThatAMappingCostsNoGrant() {
        for (int i = 0; i < 1000; i++) {
            context.unmap(context.map(buffer, 3000, TO_DEVICE), 3000, TO_DEVICE, 0);
        }
        assertEquals(1, grants.grants());
        context.close();
        assertEquals(0, grants.inUse());
        pool.close();
    }

    @Test
    void aPageThatTheBackEndKeepsGetsToNobodyAgain() {
        long free = ram.frames().freeBytes();
        long token = context.map(buffer, 4096, TO_DEVICE);
        long dva = context.deviceAddress(token);
        long page = grants.paOf(dva);
        grants.hold(dva);
        context.unmap(token, 4096, TO_DEVICE, 0);
        String message = assertThrows(DmaMisuseException.class, context::close).getMessage();
        assertTrue(message.contains("are lost on purpose: device address 0x%x, 4096 bytes".formatted(dva)), message);
        FakeGrantTable others = new FakeGrantTable(ram);
        DmaContext other = open(others, "net0");
        List<Long> tokens = new ArrayList<>();
        assertThrows(PoolFullException.class, () -> {
            while (true) {
                tokens.add(other.map(buffer, 4096, TO_DEVICE));
            }
        });
        assertEquals(63, tokens.size());
        assertFalse(others.isGranted(page));
        tokens.forEach(each -> other.unmap(each, 4096, TO_DEVICE, 0));
        other.close();
        pool.close();
        assertEquals(free, ram.frames().freeBytes(), "a pool that lost a page keeps its piece");
    }

    @Test
    void aFullTableIsAFullPoolAndPagesThatNobodyUsesMakeRoomInIt() {
        FakeGrantTable small = new FakeGrantTable(ram, 8 + 4);
        DmaContext narrow = open(small, "net0");
        List<Long> tokens = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tokens.add(narrow.map(buffer, 4096, TO_DEVICE));
        }
        String message = assertThrows(PoolFullException.class, () -> narrow.map(buffer, 4096, TO_DEVICE))
                .getMessage();
        assertTrue(message.contains("4 of 4 grant entries are in use"), message);
        assertEquals(1, pool.statistics().fullEvents());
        assertEquals(4 * 4096, pool.statistics().bytesReserved(), "the page that was not granted is free again");
        tokens.forEach(token -> narrow.unmap(token, 4096, TO_DEVICE, 0));
        long token = narrow.map(buffer, 16384, TO_DEVICE);
        narrow.unmap(token, 16384, TO_DEVICE, 0);
        narrow.close();
        assertEquals(0, small.inUse());
    }

    @Test
    void coherentBuffersComeFromThePoolAndAreGrantedAsLongAsTheyLive() {
        CoherentBuffer ring = context.allocateCoherent(5000, 16);
        assertTrue(pool.ranges().stream().anyMatch(range -> range.contains(grants.paOf(ring.deviceAddress()), 5000)));
        assertArrayEquals(new byte[5000], grants.read(ring.deviceAddress(), 5000));
        ring.close();
        assertEquals(0, grants.inUse());
        assertEquals(0, pool.statistics().bytesInUse());
    }

    @Test
    void aRequestIsNoLargerThanTheTableCarries() {
        BouncePool large = BouncePool.overFrames(ram.frames(), PoolOptions.fixed("large", 4 << 20));
        DmaContext wide = DmaContexts.open(
                PLAN, DmaMemory.restricted(ram.frames(), large).withGrants(grants), DmaConstraints.NONE, "blk1");
        assertEquals(64 << 10, wide.largestMapping());
        assertEquals(512 << 10, wide.largestRequest());
    }

    private DmaContext open(FakeGrantTable table, String device) {
        return DmaContexts.open(
                PLAN, DmaMemory.restricted(ram.frames(), pool).withGrants(table), DmaConstraints.NONE, device);
    }
}
