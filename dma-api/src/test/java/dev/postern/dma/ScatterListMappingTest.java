package dev.postern.dma;

import static dev.postern.dma.DmaDirection.FROM_DEVICE;
import static dev.postern.dma.DmaDirection.TO_DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postern.dma.debug.DmaLedger;
import dev.postern.dma.debug.StackCapture;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScatterListMappingTest {

    private final TestRam ram = new TestRam();
    private final HostileContext hostile = DmaContexts.hostile(5, ram.frames(), DmaConstraints.NONE, "blk0");
    private final DmaLedger ledger = new DmaLedger(StackCapture.ON);
    private final DmaContext context = ledger.audit(hostile);
    private final long pa = ram.buffer(0x3000);

    /** CVE-2026-74277: the length of the first segment was used for every segment. */
    @Test
    void cve202674277SegmentsOfDifferentSizesEachKeepTheirOwn() {
        ScatterList list = new ScatterList(3);
        list.add(pa, 2);
        list.add(pa + 0x1000, 3);
        list.add(pa + 0x2000, 5);
        ram.put(pa + 0x2000, new byte[] {90, 91, 92, 93, 94, 95});
        context.mapAll(list, FROM_DEVICE);
        DeviceView device = hostile.deviceView();
        device.write(list.deviceAddress(0), new byte[] {1, 2});
        device.write(list.deviceAddress(1), new byte[] {3, 4, 5});
        device.write(list.deviceAddress(2), new byte[] {6, 7});
        for (int i = 0; i < 3; i++) {
            long past = list.deviceAddress(i) + list.length(i);
            assertThrows(DeviceFaultException.class, () -> device.write(past, new byte[1]));
        }
        context.unmapAll(list, FROM_DEVICE, 7);
        assertArrayEquals(new byte[] {1, 2}, ram.get(pa, 2));
        assertArrayEquals(new byte[] {3, 4, 5}, ram.get(pa + 0x1000, 3));
        assertArrayEquals(new byte[] {6, 7, 92, 93, 94, 95}, ram.get(pa + 0x2000, 6));
        ledger.assertClean();
        context.close();
    }

    /** CVE-2026-53164: a failure in the middle of a list unwound what had never been mapped. */
    @Test
    void cve202653164AFailureInAnyPartUnwindsExactlyWhatWasMapped() {
        for (int bad = 0; bad < 3; bad++) {
            ScatterList list = new ScatterList(3);
            for (int i = 0; i < 3; i++) {
                list.add(i == bad ? 0x1000 : pa + 0x1000 * i, 100 + i);
            }
            byte[] before = ram.get(pa, 0x3000);
            assertThrows(DmaMappingException.class, () -> context.mapAll(list, FROM_DEVICE));
            assertEquals(List.of(), ledger.live());
            assertArrayEquals(before, ram.get(pa, 0x3000));
        }
        ledger.assertClean();
        context.close();
    }

    @Test
    void aSecondUnmapOfAListIsFoundForEveryRange() {
        ScatterList list = new ScatterList(2);
        list.add(pa, 10);
        list.add(pa + 0x1000, 20);
        context.mapAll(list, TO_DEVICE);
        context.unmapAll(list, TO_DEVICE, 0);
        context.unmapAll(list, TO_DEVICE, 0);
        assertEquals(2, ledger.violations().size());
        context.close();
    }
}
