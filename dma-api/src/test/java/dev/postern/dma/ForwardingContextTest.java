package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;
import static org.mockito.Mockito.when;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

final class ForwardingContextTest {

    private static final class Plain extends ForwardingContext {

        private final List<Long> mapped = new ArrayList<>();

        Plain(DmaContext inner) {
            super(inner);
        }

        @Override
        public long map(long pa, long length, DmaDirection direction) {
            mapped.add(pa);
            return super.map(pa, length, direction);
        }
    }

    private final DmaContext inner = mock(DmaContext.class);
    private final Plain context = new Plain(inner);

    @Test
    void everyCallIsPassedOnWithItsArgumentsAndItsAnswer() {
        CoherentBuffer buffer = mock(CoherentBuffer.class);
        DmaPlan plan = new DmaPlan.Granted();
        when(inner.plan()).thenReturn(plan);
        when(inner.constraints()).thenReturn(DmaConstraints.NONE);
        when(inner.map(1, 2, DmaDirection.TO_DEVICE)).thenReturn(3L);
        when(inner.deviceAddress(3)).thenReturn(4L);
        when(inner.quarantinedMappings()).thenReturn(5L);
        when(inner.allocateCoherent(6, 8)).thenReturn(buffer);
        when(inner.largestMapping()).thenReturn(7L);
        when(inner.largestRequest()).thenReturn(8L);
        when(inner.toString()).thenReturn("blk0");
        assertSame(plan, context.plan());
        assertSame(DmaConstraints.NONE, context.constraints());
        assertEquals(3, context.map(1, 2, DmaDirection.TO_DEVICE));
        assertEquals(4, context.deviceAddress(3));
        assertEquals(5, context.quarantinedMappings());
        assertSame(buffer, context.allocateCoherent(6, 8));
        assertEquals(7, context.largestMapping());
        assertEquals(8, context.largestRequest());
        assertEquals("blk0", context.toString());
        context.syncForCpu(9, 10, 11);
        context.syncForDevice(12, 13, 14);
        context.unmap(15, 16, DmaDirection.FROM_DEVICE, 17);
        context.quarantine(18, 19);
        context.close();
        InOrder calls = inOrder(inner);
        calls.verify(inner).syncForCpu(9, 10, 11);
        calls.verify(inner).syncForDevice(12, 13, 14);
        calls.verify(inner).unmap(15, 16, DmaDirection.FROM_DEVICE, 17);
        calls.verify(inner).quarantine(18, 19);
        calls.verify(inner).close();
        calls.verifyNoMoreInteractions();
    }

    @Test
    void whoOverridesTheSingleCallSeesEachRangeOfAList() {
        ScatterList list = new ScatterList(2);
        list.add(0x1000, 10);
        list.add(0x2000, 20);
        context.mapAll(list, DmaDirection.TO_DEVICE);
        assertEquals(List.of(0x1000L, 0x2000L), context.mapped);
        verify(inner, never()).mapAll(list, DmaDirection.TO_DEVICE);
        verify(inner).map(0x1000, 10, DmaDirection.TO_DEVICE);
        verify(inner).map(0x2000, 20, DmaDirection.TO_DEVICE);
        verify(inner, times(2)).deviceAddress(0);
        verifyNoMoreInteractions(inner);
    }
}
