package dev.postern.dma;

import static dev.postern.dma.DmaDirection.BIDIRECTIONAL;
import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.xen.GrantTable;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class GrantedContextTest {

    private static final int SMALLEST_TABLE = 512 - 8;

    private final TestRam ram = new TestRam();
    private final FakeGrantTable grants = new FakeGrantTable(ram);
    private final DmaContext context = open(DmaConstraints.NONE);
    private final long buffer = ram.buffer(1 << 20);

    @Test
    void aDeviceAddressIsBit63TheFirstReferenceAndTheOffsetInThePage() {
        // The first reference of an empty table is 8; these are three pages of it.
        long token = context.map(buffer + 0x1ffe, 0x1004, TO_DEVICE);
        assertEquals(1L << 63 | 8 << 12 | 0xffe, context.deviceAddress(token));
        assertEquals(3, grants.inUse());
        long next = context.map(buffer, 1, TO_DEVICE);
        assertEquals(1L << 63 | 11 << 12, context.deviceAddress(next));
    }

    @Test
    void exactlyThePagesOfTheRangeAreGrantedAndNoLongerThanItIsMapped() {
        int[][] cases = {
            {0, 1, 1}, {0, 4096, 1}, {0, 4097, 2}, {4095, 1, 1}, {4095, 2, 2}, {1, 4096, 2}, {512, 65536, 17}
        };
        for (int[] each : cases) {
            long token = context.map(buffer + each[0], each[1], BIDIRECTIONAL);
            assertEquals(each[2], grants.inUse(), "%d bytes at %d".formatted(each[1], each[0]));
            assertFalse(grants.isGranted(buffer + (long) each[2] * 4096));
            context.unmap(token, each[1], BIDIRECTIONAL, 0);
            assertEquals(0, grants.inUse());
        }
    }

    @Test
    void theBackEndMayWriteOnlyWhatTheDirectionSays() {
        assertEquals(GrantTable.Access.READ_ONLY, grants.accessAt(context.map(buffer, 9000, TO_DEVICE) + 8192));
        assertEquals(GrantTable.Access.READ_WRITE, grants.accessAt(context.map(buffer, 9000, FROM_DEVICE) + 8192));
        assertEquals(GrantTable.Access.READ_WRITE, grants.accessAt(context.map(buffer, 9000, BIDIRECTIONAL) + 8192));
    }

    /** What the pool is for, where it matters: a grant cannot be of less than a page. */
    @Test
    void xsa403TheNeighboursOfAShortBufferAreGrantedWithIt() {
        ram.put(buffer + 100, (byte) 0x5a);
        long token = context.map(buffer, 16, TO_DEVICE);
        assertArrayEquals(new byte[] {0x5a}, grants.read(context.deviceAddress(token) + 100, 1));
    }

    @Test
    void xsa396APageThatTheBackEndKeepsIsLostAndNothingMoreIsGranted() {
        long token = context.map(buffer, 8192, FROM_DEVICE);
        long other = context.map(buffer + 8192, 100, TO_DEVICE);
        grants.hold(context.deviceAddress(token) + 4096);
        String message = misuse(
                "still uses device address 0x%x, 8192 bytes".formatted(token),
                () -> context.unmap(token, 8192, FROM_DEVICE, 0));
        assertTrue(message.contains("never use them again"), message);
        assertEquals(1, context.quarantinedMappings());
        refused("restart the back-end", () -> context.map(buffer, 1, TO_DEVICE));
        refused("restart the back-end", () -> context.allocateCoherent(1, 1));
        context.unmap(other, 100, TO_DEVICE, 0);
        assertEquals(1, grants.inUse(), "the page that it keeps, and no other");
        misuse("are lost on purpose: device address 0x%x".formatted(token), context::close);
    }

    @Test
    void aKeptPageInAListKeepsNoneOfTheOthersGranted() {
        ScatterList list = new ScatterList(3);
        for (int i = 0; i < 3; i++) {
            list.add(buffer + i * 4096, 4096);
        }
        context.mapAll(list, FROM_DEVICE);
        grants.hold(list.deviceAddress(0));
        misuse("still uses", () -> context.unmapAll(list, FROM_DEVICE, 0));
        assertEquals(1, grants.inUse());
    }

    @Test
    void aCoherentBufferThatTheBackEndKeepsIsNeverUsedAgainAndIsReported() {
        long free = ram.frames().freeBytes();
        CoherentBuffer ring = context.allocateCoherent(5000, 16);
        long dva = ring.deviceAddress();
        grants.hold(dva);
        ring.close();
        assertEquals(free - 8192, ram.frames().freeBytes());
        assertEquals(1, context.quarantinedMappings());
        misuse("are lost on purpose: device address 0x%x, 8192 bytes".formatted(dva), context::close);
        context.close();
    }

    @Test
    void coherentBuffersAreZeroAndGrantedAsLongAsTheyLive() {
        ram.at(buffer, 1 << 20).fill((byte) 0x55);
        ram.free(buffer, 1 << 20);
        long free = ram.frames().freeBytes();
        CoherentBuffer ring = context.allocateCoherent(5000, 4096);
        assertEquals(0, ring.deviceAddress() % 4096);
        assertArrayEquals(new byte[8192], grants.read(ring.deviceAddress(), 8192));
        grants.write(ring.deviceAddress() + 4999, (byte) 7);
        assertEquals(7, ring.segment().get(ValueLayout.JAVA_BYTE, 4999));
        ring.close();
        assertEquals(0, grants.inUse());
        assertEquals(free, ram.frames().freeBytes());
        misuse("closed before", ring::close);
        context.close();
    }

    @Test
    void anAlignmentBeyondAPageIsRefusedWhereTheReferencesDoNotHaveIt() {
        context.map(buffer, 1, TO_DEVICE);
        long free = ram.frames().freeBytes();
        refused("ask for less alignment", () -> context.allocateCoherent(1, 1 << 20));
        assertEquals(1, grants.inUse());
        assertEquals(free, ram.frames().freeBytes());
    }

    @Test
    void aFullTableIsSaidToBeFullAndServesAgainAfterAnUnmap() {
        List<Long> tokens = new ArrayList<>();
        for (int i = 0; i < SMALLEST_TABLE; i++) {
            tokens.add(context.map(buffer, 1, TO_DEVICE));
        }
        String message = assertThrows(PoolFullException.class, () -> context.map(buffer, 1, TO_DEVICE))
                .getMessage();
        assertTrue(message.contains("no room for 1 pages in a row now: 504 of 504 grant entries are in use"), message);
        assertTrue(message.contains("give the domain more grant frames"), message);
        assertEquals(1, message.lines().count());
        context.unmap(tokens.get(77), 1, TO_DEVICE, 0);
        context.unmap(tokens.get(99), 1, TO_DEVICE, 0);
        assertThrows(PoolFullException.class, () -> context.map(buffer, 8192, TO_DEVICE));
        context.map(buffer, 1, TO_DEVICE);
    }

    @Test
    void aRequestOfTheLargestSizeFindsRoomInTheSmallestTable() {
        assertEquals(64 << 10, context.largestMapping());
        ScatterList list = new ScatterList(10);
        list.add(buffer, 16);
        list.add(buffer + 4095, 1);
        for (long at = 0; at < context.largestRequest(); at += context.largestMapping()) {
            list.add(buffer + 4097 + at, context.largestMapping());
        }
        context.mapAll(list, FROM_DEVICE);
        assertTrue(grants.inUse() < SMALLEST_TABLE / 2);
        context.unmapAll(list, FROM_DEVICE, 0);
        refused("split the transfer into 1 to 65536 bytes", () -> context.map(buffer, 65537, TO_DEVICE));
        refused("is not inside one RAM region", () -> context.map(0x1000, 1, TO_DEVICE));
    }

    @Test
    void anUnmapOfWhatIsNotMappedIsMisuse() {
        long token = context.map(buffer, 100, TO_DEVICE);
        context.unmap(token, 100, TO_DEVICE, 0);
        misuse("which is not mapped", () -> context.unmap(token, 100, TO_DEVICE, 0));
        misuse("which is not mapped", () -> context.unmap(buffer, 100, TO_DEVICE, 0));
        misuse("which is not mapped", () -> context.unmap(-1, 100, TO_DEVICE, 0));
        long again = context.map(buffer, 100, TO_DEVICE);
        misuse("which is not mapped", () -> context.unmap(again & Long.MAX_VALUE, 100, TO_DEVICE, 0));
        context.unmap(again, 100, TO_DEVICE, 0);
        context.close();
    }

    @Test
    void aQuarantinedMappingStaysGrantedAndIsNoLeak() {
        long token = context.map(buffer, 8192, FROM_DEVICE);
        context.quarantine(token, 8192);
        assertEquals(1, context.quarantinedMappings());
        context.close();
        assertEquals(2, grants.inUse());
    }

    @Test
    void closingWithAMappingLeftIsReported() {
        context.map(buffer, 1, TO_DEVICE);
        context.allocateCoherent(1, 1);
        misuse("1 mappings and 1 coherent buffers", context::close);
        misuse("after the context was closed", () -> context.map(buffer, 1, TO_DEVICE));
        misuse("after the context was closed", () -> context.allocateCoherent(1, 1));
    }

    @Test
    void referencesThatCrossABoundaryAreGivenBackAndRefused() {
        DmaContext bounded = open(new DmaConstraints(64, Long.MAX_VALUE, 0x2000, 0));
        assertEquals(0x2000, bounded.largestMapping());
        bounded.map(buffer, 1, TO_DEVICE);
        refused("do not lie within a boundary of 0x2000", () -> bounded.map(buffer, 0x2000, TO_DEVICE));
        assertEquals(1, grants.inUse());
        bounded.map(buffer, 0x1000, TO_DEVICE);
    }

    /** The window is one of guest-physical addresses, and none of those reaches a bus. */
    @Test
    void theWindowOfABusSaysNothingAboutGrants() {
        DmaContext outside = open(new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 64, new PaWindow(0, 0xfff)));
        outside.unmap(outside.map(buffer, 1, TO_DEVICE), 1, TO_DEVICE, 0);
        outside.allocateCoherent(1, 1).close();
        outside.close();
    }

    @Test
    void itSaysWhatItIs() {
        assertEquals(new DmaPlan.Granted(), context.plan());
        assertEquals(DmaConstraints.NONE, context.constraints());
        assertEquals("blk0 (Granted)", context.toString());
    }

    private DmaContext open(DmaConstraints constraints) {
        return DmaContexts.open(
                new DmaPlan.Granted(), DmaMemory.plain(ram.frames()).withGrants(grants), constraints, "blk0");
    }

    private static String misuse(String reason, Executable call) {
        return said(reason, assertThrows(DmaMisuseException.class, call));
    }

    private static void refused(String reason, Executable call) {
        said(reason, assertThrows(DmaMappingException.class, call));
    }

    private static String said(String reason, RuntimeException thrown) {
        String message = thrown.getMessage();
        assertTrue(message.startsWith("DMA: blk0: ") && message.contains(reason), message);
        assertEquals(1, message.lines().count(), message);
        return message;
    }
}
