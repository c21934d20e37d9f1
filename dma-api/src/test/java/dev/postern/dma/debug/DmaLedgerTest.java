package dev.postern.dma.debug;

import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static dev.postern.dma.debug.ViolationKind.ADDRESS_OF_UNMAPPED;
import static dev.postern.dma.debug.ViolationKind.COHERENT_CLOSED_TWICE;
import static dev.postern.dma.debug.ViolationKind.COHERENT_LEAK;
import static dev.postern.dma.debug.ViolationKind.DOUBLE_UNMAP;
import static dev.postern.dma.debug.ViolationKind.LEAK;
import static dev.postern.dma.debug.ViolationKind.OVERLAP;
import static dev.postern.dma.debug.ViolationKind.QUARANTINE_UNMAPPED;
import static dev.postern.dma.debug.ViolationKind.SHARED_CACHE_LINE;
import static dev.postern.dma.debug.ViolationKind.SYNC_OUT_OF_RANGE;
import static dev.postern.dma.debug.ViolationKind.SYNC_UNMAPPED;
import static dev.postern.dma.debug.ViolationKind.UNKNOWN_TOKEN;
import static dev.postern.dma.debug.ViolationKind.WRITTEN_OUT_OF_RANGE;
import static dev.postern.dma.debug.ViolationKind.WRONG_DIRECTION;
import static dev.postern.dma.debug.ViolationKind.WRONG_SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DmaLedgerTest {

    private static final long PA = 0x4000_0000L;

    private final DmaContext inner = mock(DmaContext.class, "blk0");
    private final CoherentBuffer innerBuffer = mock(CoherentBuffer.class);
    private final DmaLedger ledger = new DmaLedger(StackCapture.ON);
    private final DmaContext context = ledger.audit(inner);

    /** As with a direct context, the token is the address, so that two mappings of a buffer share it. */
    @BeforeEach
    void theInnerContextIsDirect() {
        when(inner.map(anyLong(), anyLong(), any())).thenAnswer(call -> call.getArgument(0));
        when(inner.deviceAddress(anyLong())).thenAnswer(call -> call.getArgument(0));
        when(inner.allocateCoherent(anyLong(), anyLong())).thenReturn(innerBuffer);
        when(innerBuffer.deviceAddress()).thenReturn(0x8000L);
    }

    @Test
    void whatIsRightIsPassedOnAndLeavesACleanLedger() {
        MemorySegment segment = MemorySegment.ofArray(new byte[4]);
        when(innerBuffer.segment()).thenReturn(segment);
        when(inner.plan()).thenReturn(new DmaPlan.Direct(0));
        when(inner.constraints()).thenReturn(DmaConstraints.NONE);
        when(inner.largestMapping()).thenReturn(77L);
        long token = context.map(PA, 512, FROM_DEVICE);
        context.syncForCpu(token, 1, 511);
        context.syncForDevice(token, 512, 0);
        assertEquals(PA, context.deviceAddress(token));
        context.unmap(token, 512, FROM_DEVICE, 512);
        CoherentBuffer buffer = context.allocateCoherent(4, 2);
        assertEquals(segment, buffer.segment());
        assertEquals(0x8000L, buffer.deviceAddress());
        buffer.close();
        context.close();
        assertEquals(new DmaPlan.Direct(0), context.plan());
        assertEquals(DmaConstraints.NONE, context.constraints());
        assertEquals(77, context.largestMapping());
        verify(inner).map(PA, 512, FROM_DEVICE);
        verify(inner).syncForCpu(PA, 1, 511);
        verify(inner).syncForDevice(PA, 512, 0);
        verify(inner).unmap(PA, 512, FROM_DEVICE, 512);
        verify(inner).allocateCoherent(4, 2);
        verify(innerBuffer).close();
        verify(inner).close();
        ledger.assertClean();
        assertEquals(List.of(), ledger.violations());
    }

    @Test
    void aSecondUnmapIsNotedAndNotPassedOn() {
        long token = context.map(PA, 512, TO_DEVICE);
        context.unmap(token, 512, TO_DEVICE, 0);
        context.unmap(token, 512, TO_DEVICE, 0);
        verify(inner, times(1)).unmap(PA, 512, TO_DEVICE, 0);
        found(DOUBLE_UNMAP);
    }

    @Test
    void aQuarantinedMappingIsNoLeak() {
        when(inner.quarantinedMappings()).thenReturn(1L);
        long token = context.map(PA, 512, FROM_DEVICE);
        context.quarantine(token, 512);
        verify(inner).quarantine(PA, 512);
        assertEquals(1, context.quarantinedMappings());
        context.close();
        ledger.assertClean();
        assertEquals(List.of(), ledger.live());
    }

    @Test
    void aQuarantineOfWhatIsNotMappedOrOfAWrongSizeIsNotedAndNotPassedOn() {
        long token = context.map(PA, 512, FROM_DEVICE);
        context.quarantine(token, 511);
        found(WRONG_SIZE);
        verify(inner, never()).quarantine(anyLong(), anyLong());
        context.unmap(token, 512, FROM_DEVICE, 0);
        context.quarantine(token, 512);
        verify(inner, never()).quarantine(anyLong(), anyLong());
        assertEquals(QUARANTINE_UNMAPPED, ledger.violations().getLast().kind());
    }

    @Test
    void anUnmapOfAnUnknownTokenIsNotedAndNotPassedOn() {
        context.unmap(99, 512, TO_DEVICE, 0);
        nothingUnmapped();
        found(UNKNOWN_TOKEN);
    }

    @Test
    void aTokenOfAnotherContextIsUnknown() {
        DmaContext other = ledger.audit(mock(DmaContext.class, "net0"));
        other.unmap(context.map(PA, 512, TO_DEVICE), 512, TO_DEVICE, 0);
        nothingUnmapped();
        assertTrue(found(UNKNOWN_TOKEN).message().startsWith("DMA: net0: "));
        assertEquals(1, ledger.live().size());
    }

    @Test
    void anUnmapWithAWrongSizeIsNotedAndNotPassedOn() {
        context.unmap(context.map(PA, 512, TO_DEVICE), 256, TO_DEVICE, 0);
        nothingUnmapped();
        found(WRONG_SIZE);
        assertEquals(1, ledger.live().size());
    }

    @Test
    void anUnmapWithAWrongDirectionIsNotedAndNotPassedOn() {
        context.unmap(context.map(PA, 512, TO_DEVICE), 512, FROM_DEVICE, 0);
        nothingUnmapped();
        found(WRONG_DIRECTION);
    }

    @Test
    void aWrittenLengthOutOfRangeIsNotedAndNotPassedOn() {
        context.unmap(context.map(PA, 512, FROM_DEVICE), 512, FROM_DEVICE, 513);
        found(WRITTEN_OUT_OF_RANGE);
        context.unmap(context.map(PA + 4096, 512, FROM_DEVICE), 512, FROM_DEVICE, -1);
        context.unmap(context.map(PA + 8192, 512, TO_DEVICE), 512, TO_DEVICE, 1);
        assertEquals(3, ledger.violations().size());
        nothingUnmapped();
    }

    @Test
    void aSyncOutOfRangeIsNotedAndNotPassedOn() {
        long token = context.map(PA, 512, FROM_DEVICE);
        context.syncForCpu(token, 1, 512);
        found(SYNC_OUT_OF_RANGE);
        context.syncForDevice(token, -1, 1);
        context.syncForDevice(token, 0, -1);
        context.syncForDevice(token, Long.MAX_VALUE, 1);
        assertEquals(4, ledger.violations().size());
        verify(inner, never()).syncForCpu(anyLong(), anyLong(), anyLong());
        verify(inner, never()).syncForDevice(anyLong(), anyLong(), anyLong());
    }

    @Test
    void aSyncOfWhatIsNotMappedIsNotedAndNotPassedOn() {
        context.syncForCpu(5, 0, 1);
        found(SYNC_UNMAPPED);
        verify(inner, never()).syncForCpu(anyLong(), anyLong(), anyLong());
    }

    @Test
    void aSyncAfterUnmapIsNoSecondUnmap() {
        long token = context.map(PA, 512, FROM_DEVICE);
        context.unmap(token, 512, FROM_DEVICE, 0);
        context.syncForDevice(token, 0, 1);
        found(SYNC_UNMAPPED);
    }

    @Test
    void theDeviceAddressOfWhatIsNotMappedIsNotedAndThrown() {
        assertThrows(DmaMisuseException.class, () -> context.deviceAddress(5));
        found(ADDRESS_OF_UNMAPPED);
    }

    @Test
    void whatIsLeftAtCloseIsNotedWithTheStackOfItsMap() {
        context.map(PA, 512, FROM_DEVICE);
        context.close();
        Violation leak = found(LEAK);
        assertTrue(leak.message()
                .startsWith("DMA: blk0: context closed with a live mapping [device address=0x40000000] [size=512"
                        + " bytes] [mapped with FROM_DEVICE]\n"
                        + "  mapped at:\n"
                        + "    "));
        assertTrue(
                leak.entry()
                        .orElseThrow()
                        .mappedAt()
                        .getFirst()
                        .getMethodName()
                        .equals("whatIsLeftAtCloseIsNotedWithTheStackOfItsMap"),
                leak::message);
        assertEquals(List.of(), ledger.live());
    }

    @Test
    void aContextLeavesTheMappingsOfOthersAloneWhenItIsClosed() {
        context.map(PA, 512, FROM_DEVICE);
        ledger.audit(mock(DmaContext.class, "net0")).close();
        assertEquals(1, ledger.live().size());
        assertEquals(List.of(), ledger.violations());
    }

    @Test
    void aCoherentBufferThatIsLeftIsNoted() {
        context.allocateCoherent(100, 1);
        context.close();
        assertTrue(found(COHERENT_LEAK).message().contains("[size=100 bytes] [mapped with coherent]"));
    }

    @Test
    void aSecondCloseOfACoherentBufferIsNotedAndNotPassedOn() {
        CoherentBuffer buffer = context.allocateCoherent(100, 1);
        buffer.close();
        buffer.close();
        verify(innerBuffer, times(1)).close();
        found(COHERENT_CLOSED_TWICE);
    }

    @Test
    void bytesThatADeviceMayWriteWhileTheyAreMappedElsewhereAreNotedAndMappedAllTheSame() {
        context.map(PA, 512, TO_DEVICE);
        long token = context.map(PA + 511, 1, FROM_DEVICE);
        assertEquals(PA + 511, context.deviceAddress(token));
        assertTrue(found(OVERLAP).call().contains("mapped for blk0"));
    }

    @Test
    void aSharedCacheLineIsAWarningThatLeavesTheLedgerClean() {
        long a = context.map(PA, 32, TO_DEVICE);
        long b = context.map(PA + 32, 1, FROM_DEVICE);
        found(SHARED_CACHE_LINE);
        context.unmap(a, 32, TO_DEVICE, 0);
        context.unmap(b, 1, FROM_DEVICE, 0);
        ledger.assertClean();
    }

    @Test
    void mappingsThatOnlyDevicesReadMayOverlapAndNeighbouringCacheLinesAreFine() {
        context.map(PA, 64, TO_DEVICE);
        context.map(PA, 64, TO_DEVICE);
        context.map(PA + 64, 64, FROM_DEVICE);
        assertEquals(List.of(), ledger.violations());
    }

    @Test
    void warningsAreBoundedAndErrorsAreNot() {
        context.map(PA, 1, FROM_DEVICE);
        for (int i = 0; i < 300; i++) {
            long token = context.map(PA + 1, 1, TO_DEVICE);
            context.unmap(token, 1, TO_DEVICE, 0);
            context.unmap(token, 1, TO_DEVICE, 0);
        }
        List<Violation> all = ledger.violations();
        assertEquals(
                256, all.stream().filter(v -> v.kind() == SHARED_CACHE_LINE).count());
        assertEquals(300, all.stream().filter(v -> v.kind() == DOUBLE_UNMAP).count());
    }

    @Test
    void assertCleanSaysEverythingIncludingWhatIsStillLive() {
        context.unmap(99, 1, TO_DEVICE, 0);
        context.map(PA, 512, FROM_DEVICE);
        String message =
                assertThrows(DmaMisuseException.class, ledger::assertClean).getMessage();
        assertTrue(message.contains("2 findings"), message);
        assertTrue(message.contains(UNKNOWN_TOKEN.words()), message);
        assertTrue(message.contains("[the context is still open]"), message);
    }

    @Test
    void liveListsMappingsAndBuffersInOrder() {
        context.map(PA, 512, FROM_DEVICE);
        context.allocateCoherent(100, 1);
        List<LedgerEntry> live = ledger.live();
        LedgerEntry.Streaming first = assertInstanceOf(LedgerEntry.Streaming.class, live.get(0));
        assertEquals(PA, first.pa());
        assertEquals(1, first.sequence());
        assertEquals("blk0", first.device());
        LedgerEntry.Coherent second = assertInstanceOf(LedgerEntry.Coherent.class, live.get(1));
        assertEquals(2, second.sequence());
        assertEquals(100, second.length());
    }

    @Test
    void stacksCanBeSwitchedOff() {
        DmaLedger cheap = new DmaLedger(StackCapture.OFF);
        DmaContext audited = cheap.audit(inner);
        audited.map(PA, 512, FROM_DEVICE);
        audited.close();
        Violation leak = cheap.violations().getFirst();
        assertEquals(List.of(), leak.calledAt());
        assertFalse(leak.message().contains("\n"), leak::message);
    }

    private void nothingUnmapped() {
        verify(inner, never()).unmap(anyLong(), anyLong(), any(), anyLong());
    }

    private Violation found(ViolationKind kind) {
        assertEquals(
                List.of(kind), ledger.violations().stream().map(Violation::kind).toList());
        return ledger.violations().getFirst();
    }
}
