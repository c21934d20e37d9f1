package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class DirectContextTest {

    private final TestRam ram = new TestRam();

    @Test
    void theDeviceAddressIsThePhysicalAddressPlusTheOffset() {
        for (long offset : new long[] {0, 0x1000, 1L << 59, Long.MIN_VALUE, -TestRam.LOW}) {
            DmaContext context = open(offset, DmaConstraints.NONE);
            long token = context.map(TestRam.LOW + 0x123, 100, DmaDirection.TO_DEVICE);
            assertEquals(TestRam.LOW + 0x123 + offset, context.deviceAddress(token));
        }
    }

    @Test
    void whatIsNotInsideOneRegionOfRamIsRefused() {
        DmaContext context = open(0, DmaConstraints.NONE);
        refused("is not inside one RAM region", () -> context.map(0x1000, 1, DmaDirection.TO_DEVICE));
        refused("is not inside one RAM region", () -> context.map(-1, 1, DmaDirection.TO_DEVICE));
        long end = TestRam.LOW + TestRam.SIZE;
        refused("is not inside one RAM region", () -> context.map(end - 1, 2, DmaDirection.TO_DEVICE));
        refused("is not inside one RAM region", () -> context.map(TestRam.LOW, Long.MAX_VALUE, DmaDirection.TO_DEVICE));
        assertEquals(end - 1, context.deviceAddress(context.map(end - 1, 1, DmaDirection.TO_DEVICE)));
    }

    @Test
    void whatTheMaskCannotExpressIsRefused() {
        DmaContext context = open(0, new DmaConstraints(32, Long.MAX_VALUE, 0, 0));
        refused("32 address bits", () -> context.map(TestRam.HIGH, 1, DmaDirection.TO_DEVICE));
        context.map(TestRam.LOW, 1, DmaDirection.TO_DEVICE);
        DmaContext shifted = open(-TestRam.HIGH, new DmaConstraints(32, Long.MAX_VALUE, 0, 0));
        refused("32 address bits", () -> shifted.map(TestRam.LOW, 1, DmaDirection.TO_DEVICE));
        assertEquals(5, shifted.deviceAddress(shifted.map(TestRam.HIGH + 5, 1, DmaDirection.TO_DEVICE)));
    }

    @Test
    void aRangeWhoseDeviceAddressesWrapIsRefused() {
        DmaContext context = open(-TestRam.HIGH - 0x1000, DmaConstraints.NONE);
        refused("0xffffffffffffffff", () -> context.map(TestRam.HIGH + 0xfff, 2, DmaDirection.TO_DEVICE));
        context.map(TestRam.HIGH + 0xfff, 1, DmaDirection.TO_DEVICE);
        context.map(TestRam.HIGH + 0x1000, 1, DmaDirection.TO_DEVICE);
    }

    @Test
    void aRangeThatCrossesTheBoundaryIsRefusedAndOneThatTouchesItIsNot() {
        DmaContext context = open(0, new DmaConstraints(64, Long.MAX_VALUE, 0x1_0000, 0));
        assertEquals(0x1_0000, context.largestMapping());
        refused("crosses a boundary", () -> context.map(TestRam.LOW + 0xffff, 2, DmaDirection.TO_DEVICE));
        context.map(TestRam.LOW + 0xffff, 1, DmaDirection.TO_DEVICE);
        context.map(TestRam.LOW + 0x1_0000, 0x1_0000, DmaDirection.TO_DEVICE);
    }

    @Test
    void aLengthOutOfRangeIsRefusedWithTheRange() {
        DmaContext context = open(0, new DmaConstraints(64, 4096, 0, 0));
        for (long length : new long[] {0, -1, 4097, Long.MIN_VALUE}) {
            refused("1 to 4096 bytes", () -> context.map(TestRam.LOW, length, DmaDirection.TO_DEVICE));
        }
        context.map(TestRam.LOW, 4096, DmaDirection.TO_DEVICE);
    }

    /** CVE-2023-52762: a limit of 4 GiB became 0 on the way through a 32-bit number. */
    @Test
    void cve202352762AMappingLimitOfFourGibibytesStaysOne() {
        assertEquals(1L << 32, open(0, new DmaConstraints(64, 1L << 32, 0, 0)).largestMapping());
    }

    @Test
    void aCoherentBufferIsZeroAlignedAndTheMemoryAtItsAddress() {
        long dirty = ram.buffer(1 << 20);
        ram.at(dirty, 1 << 20).fill((byte) 0x55);
        ram.free(dirty, 1 << 20);
        try (DmaContext context = open(0x8000, DmaConstraints.NONE);
                CoherentBuffer buffer = context.allocateCoherent(5000, 0x2000)) {
            assertEquals(5000, buffer.segment().byteSize());
            assertEquals(-1, buffer.segment().mismatch(MemorySegment.ofArray(new byte[5000])));
            assertEquals(0, buffer.deviceAddress() % 0x2000);
            ram.put(buffer.deviceAddress() - 0x8000 + 4999, (byte) 7);
            assertEquals(7, buffer.segment().get(ValueLayout.JAVA_BYTE, 4999));
        }
    }

    @Test
    void coherentBuffersComeFromBelowTheMask() {
        DmaContext narrow = open(0, new DmaConstraints(32, Long.MAX_VALUE, 0, 0));
        assertTrue(narrow.allocateCoherent(4096, 1).deviceAddress() < 1L << 32);
        DmaContext shifted = open(-TestRam.HIGH, new DmaConstraints(32, Long.MAX_VALUE, 0, 0));
        assertTrue(shifted.allocateCoherent(4096, 1).deviceAddress() < TestRam.SIZE);
        DmaContext none = open(0, new DmaConstraints(20, Long.MAX_VALUE, 0, 0));
        refused("no coherent buffer", () -> none.allocateCoherent(4096, 1));
        DmaContext outside = open(1L << 33, new DmaConstraints(32, Long.MAX_VALUE, 0, 0));
        refused("correct the mask or the offset", () -> outside.allocateCoherent(4096, 1));
    }

    @Test
    void memoryTooLowForANegativeOffsetIsGivenBackAndRefused() {
        // 33 bits reach all of RAM from above, and the offset puts the low region below device address 0.
        DmaContext context = open(-TestRam.HIGH, new DmaConstraints(33, Long.MAX_VALUE, 0, 0));
        long all = TestRam.SIZE;
        CoherentBuffer high = context.allocateCoherent(all, 1);
        long free = ram.frames().freeBytes();
        refused("33 address bits", () -> context.allocateCoherent(4096, 1));
        assertEquals(free, ram.frames().freeBytes());
        high.close();
        assertEquals(free + all, ram.frames().freeBytes());
    }

    @Test
    void whatTheBusDoesNotCarryIsRefusedAndToBeBounced() {
        long first = TestRam.LOW + 0x1100;
        DmaContext context = open(0x1000, window(first, first + 0xfff));
        refused("the bus does not carry", () -> context.map(first - 1, 2, DmaDirection.TO_DEVICE));
        refused("bounce it", () -> context.map(first + 0xfff, 2, DmaDirection.TO_DEVICE));
        refused("only 0x40001100-0x400020ff", () -> context.map(TestRam.HIGH, 1, DmaDirection.TO_DEVICE));
        refused("is not inside one RAM region", () -> context.map(0x1000, 1, DmaDirection.TO_DEVICE));
        assertEquals(first + 0x1000, context.deviceAddress(context.map(first, 0x1000, DmaDirection.TO_DEVICE)));
        DmaContext nothing = open(0, window(Long.MIN_VALUE, -1));
        refused("the bus does not carry", () -> nothing.map(first, 1, DmaDirection.TO_DEVICE));
        DmaContext above = open(0, window(Long.MAX_VALUE, -1));
        refused("is not inside one", () -> above.map(Long.MAX_VALUE, Long.MAX_VALUE >> 1, DmaDirection.TO_DEVICE));
        refused("the bus does not carry", () -> above.map(first, 1, DmaDirection.TO_DEVICE));
    }

    @Test
    void coherentBuffersComeFromInsideTheWindow() {
        long first = TestRam.LOW + 0x1100;
        DmaContext context = open(0, window(first, first + 0x1fff));
        assertEquals(TestRam.LOW + 0x2000, context.allocateCoherent(1, 1).deviceAddress());
        refused("no coherent buffer", () -> context.allocateCoherent(1, 1));
        refused("or bounce", () -> open(0, window(Long.MIN_VALUE, -1)).allocateCoherent(1, 1));
        refused("or bounce", () -> open(0, window(first, first + 0xffe)).allocateCoherent(1, 1));
        DmaConstraints narrow =
                new DmaConstraints(32, Long.MAX_VALUE, 0, 0, 64, new PaWindow(TestRam.HIGH, Long.MAX_VALUE));
        refused("within the 32 address bits", () -> open(0, narrow).allocateCoherent(1, 1));
    }

    /** A legacy queue has 32 bits for a page number, so that it ends below 2^44; its buffers have no such limit. */
    @Test
    void coherentBuffersEndBelowWhatAQueuesAddressCanSayAndMappingsNeedNot() {
        DmaConstraints legacy = new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 32, PaWindow.ALL);
        DmaContext context = open(0, legacy);
        long all = TestRam.SIZE;
        CoherentBuffer low = context.allocateCoherent(all, 1);
        assertTrue(low.deviceAddress() + all <= 1L << 32);
        refused("no coherent buffer", () -> context.allocateCoherent(1, 1));
        assertEquals(TestRam.HIGH, context.deviceAddress(context.map(TestRam.HIGH, 1, DmaDirection.TO_DEVICE)));
        low.close();
        DmaContext shifted = open(1L << 44, new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 44, PaWindow.ALL));
        refused("within the 44 address bits", () -> shifted.allocateCoherent(1, 1));
        shifted.map(TestRam.HIGH, 1, DmaDirection.TO_DEVICE);
    }

    @Test
    void badRequestsForCoherentBuffersAreRefused() {
        DmaContext context = open(0x1000, DmaConstraints.NONE);
        refused("give at least 1", () -> context.allocateCoherent(0, 1));
        refused("give a power of two", () -> context.allocateCoherent(1, 3));
        refused("give a power of two", () -> context.allocateCoherent(1, 0));
        refused("ask for less alignment", () -> context.allocateCoherent(1, 0x2000));
        refused("no coherent buffer", () -> context.allocateCoherent(2 * TestRam.SIZE, 1));
    }

    @Test
    void closingACoherentBufferTwiceIsMisuse() {
        CoherentBuffer buffer = open(0, DmaConstraints.NONE).allocateCoherent(1, 1);
        buffer.close();
        assertThrows(DmaMisuseException.class, buffer::close);
    }

    @Test
    void closingWithACoherentBufferLeftIsReportedAndItsFramesStayTaken() {
        DmaContext context = open(0, DmaConstraints.NONE);
        context.allocateCoherent(1, 1);
        long free = ram.frames().freeBytes();
        assertTrue(assertThrows(DmaMisuseException.class, context::close)
                .getMessage()
                .contains("1 coherent buffers"));
        assertEquals(free, ram.frames().freeBytes());
        context.close();
    }

    @Test
    void quarantinedMappingsAreCounted() {
        DmaContext context = open(0, DmaConstraints.NONE);
        ScatterList list = new ScatterList(3);
        for (int i = 0; i < 3; i++) {
            list.add(TestRam.LOW + 4096 * i, 100);
        }
        context.mapAll(list, DmaDirection.FROM_DEVICE);
        context.quarantineAll(list);
        assertEquals(3, context.quarantinedMappings());
        context.close();
    }

    @Test
    void nothingIsMappedAfterClose() {
        DmaContext context = open(0, DmaConstraints.NONE);
        context.close();
        assertThrows(DmaMisuseException.class, () -> context.map(TestRam.LOW, 1, DmaDirection.TO_DEVICE));
        assertThrows(DmaMisuseException.class, () -> context.allocateCoherent(1, 1));
    }

    @Test
    void itSaysWhatItIs() {
        DmaContext context = open(0x1000, DmaConstraints.NONE);
        assertEquals(new DmaPlan.Direct(0x1000), context.plan());
        assertEquals(DmaConstraints.NONE, context.constraints());
        assertEquals("blk0 (Direct + 0x1000)", context.toString());
        assertNotEquals(0, context.largestMapping());
    }

    private static DmaConstraints window(long firstPa, long lastPa) {
        return new DmaConstraints(64, Long.MAX_VALUE, 0, 0, 64, new PaWindow(firstPa, lastPa));
    }

    private DmaContext open(long offset, DmaConstraints constraints) {
        return DmaContexts.open(new DmaPlan.Direct(offset), DmaMemory.plain(ram.frames()), constraints, "blk0");
    }

    private static void refused(String reason, Executable call) {
        String message = assertThrows(DmaMappingException.class, call).getMessage();
        assertTrue(message.startsWith("DMA: blk0: ") && message.contains(reason), message);
        assertEquals(1, message.lines().count(), message);
    }
}
