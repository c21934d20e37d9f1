package dev.postern.virtio.transport.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.postern.bus.pci.MsixTable;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.queue.QueueAddresses;
import dev.postern.virtio.transport.DeviceSignals;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MSI-X with tables of any length (transport-pci:1019). */
class PciMessageInterruptsTest {

    /** Addresses and data by vector, as the driver routed them. */
    private final Map<Integer, long[]> routes = new TreeMap<>();

    private final Set<String> told = new TreeSet<>();

    private final DeviceSignals signals = new DeviceSignals() {
        @Override
        public void queueSignalled(int queue) {
            told.add("queue " + queue);
        }

        @Override
        public void configurationChanged() {
            told.add("configuration");
        }
    };

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0 0",
        "2, 1, 0 1",
        "3, 1, 0 1",
        "1, 2, 0 0 0",
        "2, 2, 0 1 1",
        "3, 2, 0 1 2",
        "2048, 2, 0 1 2",
        "1, 4, 0 0 0 0 0",
        "2, 4, 0 1 1 1 1",
        "4, 4, 0 1 1 1 1",
        "5, 4, 0 1 2 3 4"
    })
    void everyEventHasAVectorHoweverShortTheTable(int vectors, int queues, String expected) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        MsixTable table = table(fake, vectors);
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.MSIX, queues, signals);
        List<Integer> mapped = new ArrayList<>(List.of((int) fake.registers.getShort(16)));
        for (int queue = 0; queue < queues; queue++) {
            transport.enableQueue(queue, new QueueAddresses(8, 0, 0, 0));
            mapped.add((int) fake.registers.getShort(26));
        }
        assertEquals(
                expected, String.join(" ", mapped.stream().map(String::valueOf).toList()));
        verify(table).enable();

        for (int vector : routes.keySet()) {
            told.clear();
            long[] route = routes.get(vector);
            fake.ram.put(
                    route[0],
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt((int) route[1])
                            .array());
            assertTrue(fake.router.poll());
            Set<String> events = new TreeSet<>();
            for (int i = 0; i < mapped.size(); i++) {
                if (mapped.get(i) == vector) {
                    events.add(i == 0 ? "configuration" : "queue " + (i - 1));
                }
            }
            assertEquals(events, told, "vector " + vector);
        }
        transport.close();
        assertEquals(List.of(), fake.router.messages());
        verify(table, atLeastOnce()).disable();
    }

    @ParameterizedTest
    @CsvSource({"2, 70", "70, 70", "71, 1", "2048, 1"})
    void moreThan64QueuesHaveAVectorEachOrShareOne(int vectors, int sharing) throws Exception {
        FakeFunction fake = FakeFunction.whole();
        fake.registers.putShort(18, (short) 70);
        table(fake, vectors);
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.MSIX, 70, signals);
        for (int queue = 0; queue < 70; queue++) {
            transport.enableQueue(queue, new QueueAddresses(8, 0, 0, 0));
        }
        int vector = fake.registers.getShort(26);
        assertEquals(sharing == 1 ? 70 : 1, vector);
        long[] route = routes.get(vector);
        fake.ram.put(
                route[0],
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt((int) route[1])
                        .array());
        assertTrue(fake.router.poll());
        assertEquals(sharing, told.size());
        assertTrue(told.contains("queue 69"));
        transport.close();
    }

    @Test
    void aQueueThatWasResetAloneGetsItsVectorAgain() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        table(fake, 4);
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.MSIX, 2, signals);
        transport.enableQueue(1, new QueueAddresses(8, 0, 0, 0));
        transport.resetQueue(1);
        assertTrue(transport.queueResetDone(1));
        fake.registers.putShort(26, (short) 0xffff);
        transport.enableQueue(1, new QueueAddresses(8, 0, 0, 0));
        assertEquals(2, fake.registers.getShort(26), "content:442");
        assertEquals(3, fake.router.messages().size());
    }

    @Test
    void aDeviceThatDoesNotTakeAVectorIsRefusedAndLeavesNoVectorOpen() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        MsixTable table = table(fake, 4);
        fake.takesVectors = false;
        PciTransport transport = fake.open();
        assertThrows(
                ProbeRefusedException.class,
                () -> transport.connectInterrupts(InterruptMode.MSIX, 1, signals),
                "transport-pci:1031");
        assertEquals(List.of(), fake.router.messages());
        verify(table).disable();
        transport.close();
    }

    @Test
    void aQueueVectorThatIsNotTakenIsRefusedBeforeTheQueueIsEnabled() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        table(fake, 4);
        PciTransport transport = fake.open();
        transport.connectInterrupts(InterruptMode.MSIX, 1, signals);
        fake.takesVectors = false;
        assertThrows(ProbeRefusedException.class, () -> transport.enableQueue(0, new QueueAddresses(8, 0, 0, 0)));
        assertFalse(fake.accesses.contains("w16=1@1c"));
    }

    @Test
    void aTableThatFailsHalfwayLeavesNoVectorOpen() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        MsixTable table = table(fake, 4);
        IllegalStateException reason = new IllegalStateException("the table does not answer");
        doAnswer(call -> {
                    if (call.<Integer>getArgument(0) == 1) {
                        throw reason;
                    }
                    return null;
                })
                .when(table)
                .unmask(anyInt());
        PciTransport transport = fake.open();
        assertThrows(IllegalStateException.class, () -> transport.connectInterrupts(InterruptMode.MSIX, 1, signals));
        assertEquals(List.of(), fake.router.messages());
        transport.close();
    }

    @Test
    void aFunctionWithoutMsixIsToldTheOtherWays() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        when(fake.function.msix()).thenReturn(Optional.empty());
        PciTransport transport = fake.open();
        String message = assertThrows(
                        ProbeRefusedException.class, () -> transport.connectInterrupts(InterruptMode.MSIX, 1, signals))
                .getMessage();
        assertTrue(message.contains("--irq intx or polled"), message);
    }

    @Test
    void connectingAgainAfterAResetReplacesTheVectors() throws Exception {
        FakeFunction fake = FakeFunction.whole();
        table(fake, 4);
        PciTransport transport = fake.open();
        for (int i = 0; i < 5; i++) {
            transport.connectInterrupts(InterruptMode.MSIX, 1, signals);
            assertEquals(2, fake.router.messages().size());
        }
    }

    private MsixTable table(FakeFunction fake, int vectors) {
        MsixTable table = mock(MsixTable.class);
        when(table.vectors()).thenReturn(vectors);
        doAnswer(call ->
                        routes.put(call.getArgument(0), new long[] {call.getArgument(1), call.<Integer>getArgument(2)}))
                .when(table)
                .route(anyInt(), anyLong(), anyInt());
        when(fake.function.msix()).thenReturn(Optional.of(table));
        return table;
    }
}
