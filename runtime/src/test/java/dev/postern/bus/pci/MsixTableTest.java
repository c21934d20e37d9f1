package dev.postern.bus.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;

import dev.postern.machine.RegisterSpace;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

class MsixTableTest {

    private static final int CAPABILITY = 0x98;

    private ModelFunction device = ModelFunction.endpoint(2).bar32(1, 4096);
    private PciFunction function;

    private MsixTable table(int vectors, int table, int pending) {
        device.msix(CAPABILITY, vectors, table, pending);
        function = Bench.at(Bench.enumerate(ModelBus.plain().put(2, 0, device)), "00:02.0");
        return function.msix().orElseThrow();
    }

    private int entry(int vector, int offset) {
        return device.memory.getOrDefault(1L << 56 | 16L * vector + offset, 0);
    }

    private String refusal(int vectors, int table, int pending) {
        return assertThrows(PciException.class, () -> table(vectors, table, pending))
                .getMessage();
    }

    @Test
    void aFunctionWithoutTheCapabilityHasNone() {
        PciFunction plain = Bench.at(Bench.enumerate(ModelBus.plain()), "00:00.0");
        assertEquals(Optional.empty(), plain.msix());
    }

    @Test
    void vectorsAreRoutedMaskedAndUnmasked() {
        MsixTable msix = table(3, 1, 0x800 | 1);
        assertSame(msix, function.msix().orElseThrow());
        assertEquals(3, msix.vectors());
        function.enableMemory();
        msix.route(2, 0x1_2345_6780L, 0xabc);
        assertEquals(0x2345_6780, entry(2, 0));
        assertEquals(1, entry(2, 4));
        assertEquals(0xabc, entry(2, 8));
        assertEquals(1, entry(2, 12));
        msix.unmask(2);
        assertEquals(0, entry(2, 12));
        msix.route(2, 0x1000, 1);
        assertEquals(0, entry(2, 12), "routing leaves an open vector open");
        msix.mask(2);
        assertEquals(1, entry(2, 12));
    }

    @Test
    void enablingMasksWhatOthersLeftOpen() {
        MsixTable msix = table(2, 1, 0x800 | 1);
        function.enableMemory();
        msix.unmask(1);
        msix.enable();
        assertEquals(1, entry(0, 12));
        assertEquals(0, entry(1, 12));
        assertEquals(0x8001, device.get(CAPABILITY + 2, 2), "enabled, function mask off");
        msix.disable();
        assertEquals(1, device.get(CAPABILITY + 2, 2));
    }

    @Test
    void anEntryChangesOnlyWhileItIsMasked() {
        table(2, 1, 0x800 | 1);
        function.enableMemory();
        RegisterSpace registers = mock(RegisterSpace.class);
        MsixTable msix =
                new MsixTable(function, registers, function.capability(0x11).orElseThrow());
        long entry = function.bar(1).orElseThrow().pa() + 16;
        msix.unmask(1);
        msix.route(1, 0xfee0_0000L, 5);
        InOrder order = inOrder(registers);
        order.verify(registers).write32(eq(entry + 12), eq(0));
        order.verify(registers).write32(eq(entry + 12), eq(1));
        order.verify(registers).write32(eq(entry), eq(0xfee0_0000));
        order.verify(registers).write32(eq(entry + 8), eq(5));
        order.verify(registers).write32(eq(entry + 12), eq(0));
    }

    @Test
    void pendingBitsAreFoundInTheirWord() {
        MsixTable msix = table(40, 1, 0x800 | 1);
        function.enableMemory();
        device.memory.put(1L << 56 | 0x804, 1 << 5);
        assertTrue(msix.pending(37));
        assertFalse(msix.pending(36));
        assertFalse(msix.pending(5));
    }

    @Test
    void aTableThatLeavesItsBarIsRefused() {
        assertEquals(
                "PCI 00:02.0 1234:0002: the MSI-X table, 0x20 bytes at offset 0xff0, ends outside BAR 1 (32-bit,"
                        + " 0x1000 bytes at 0xc0000000)",
                refusal(2, 0xff0 | 1, 1));
    }

    @Test
    void aTableAtTheEndOfItsBarIsTaken() {
        assertEquals(2, table(2, 0xfe0 | 1, 1).vectors());
    }

    @Test
    void pendingBitsThatLeaveTheirBarAreRefused() {
        assertTrue(refusal(65, 1, 0xff8 | 1).contains("the MSI-X pending bits, 0x10 bytes at offset 0xff8"));
    }

    @Test
    void anOffsetOfAllOnesIsRefused() {
        assertTrue(refusal(1, 0xffff_fff8 | 1, 1).contains("offset 0xfffffff8"));
    }

    @Test
    void aBarThatIsNotThereIsRefused() {
        assertEquals(
                "PCI 00:02.0 1234:0002: the MSI-X table is in BAR 0, which is no placed memory BAR", refusal(1, 0, 1));
    }

    @Test
    void aBarNumberThatDoesNotExistIsRefused() {
        assertTrue(refusal(1, 7, 1).contains("BAR 7"));
    }

    @Test
    void aTableOverItsPendingBitsIsRefused() {
        assertTrue(refusal(4, 1, 0x38 | 1).contains("overlap"));
    }

    @Test
    void aCapabilityAtTheVeryEndIsRefused() {
        device = ModelFunction.endpoint(2).bar32(1, 4096).capability(0xf8, 0x11);
        function = Bench.at(Bench.enumerate(ModelBus.plain().put(2, 0, device)), "00:02.0");
        assertTrue(assertThrows(PciException.class, function::msix).getMessage().contains("cut off"));
    }

    @Test
    void withoutMemoryDecodingTheTableIsNotTouched() {
        MsixTable msix = table(1, 1, 0x800 | 1);
        assertTrue(assertThrows(PciException.class, msix::enable).getMessage().contains("enableMemory()"));
        assertThrows(PciException.class, () -> msix.route(0, 0x1000, 1));
    }

    @Test
    void vectorsAndAddressesOutOfRangeAreRefused() {
        MsixTable msix = table(1, 1, 0x800 | 1);
        function.enableMemory();
        assertThrows(IllegalArgumentException.class, () -> msix.unmask(1));
        assertThrows(IllegalArgumentException.class, () -> msix.pending(-1));
        assertThrows(IllegalArgumentException.class, () -> msix.route(0, 0x1002, 1));
    }
}
