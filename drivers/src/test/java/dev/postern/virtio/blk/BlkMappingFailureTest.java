package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaMappingException;
import dev.postern.virtio.VirtioException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mappings that fail, at each call in turn (row 32): nothing stays mapped, and no request is lost. */
class BlkMappingFailureTest {

    private static final int SEGMENTS = 4;
    private static final int BYTES = SEGMENTS * 4096;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aSubmissionWhoseMappingFailsLeavesNothingMappedAndTheTableWhole(int at) throws Exception {
        BlkBench bench = bench();
        BlkDevice disk = bench.open();
        long pa = bench.buffer(BYTES);
        for (int i = 0; i < 3 * disk.depth(); i++) {
            bench.context.refuse(at, 1);
            assertThrows(DmaMappingException.class, () -> disk.submitRead(0, pa, BYTES));
            assertEquals(0, bench.context.live());
        }
        List<BlkRequest> held = new ArrayList<>();
        while (disk.hasRoom()) {
            held.add(disk.submitRead(0, pa, 512));
        }
        assertEquals(disk.depth(), held.size());
        for (BlkRequest request : held) {
            disk.await(request);
        }
        disk.read(5, pa, BYTES);
        assertArrayEquals(bench.content(5, BYTES), bench.ram.get(pa, BYTES));
        assertEquals(0, disk.recoveries());
        disk.close();
        bench.hostile.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6, 7, 11, 12, 17})
    void aLongReadWhoseMappingFailsHasNothingInFlightWhenItEnds(int at) throws Exception {
        BlkBench bench = bench();
        BlkDevice disk = bench.open();
        long pa = bench.buffer(8 * BYTES);
        bench.context.refuse(at, 1);
        assertThrows(DmaMappingException.class, () -> disk.read(0, pa, 8 * BYTES));
        assertEquals(0, bench.context.live(), "whatever fails, every buffer is the caller's again");
        assertTrue(disk.hasRoom());
        disk.read(0, pa, 8 * BYTES);
        assertArrayEquals(bench.content(0, 8 * BYTES), bench.ram.get(pa, 8 * BYTES));
        disk.close();
        bench.hostile.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 6, 12, 39})
    void aMappingThatFailsDuringRecoveryFailsItsRequestAndNoOther(int at) throws Exception {
        BlkBench bench = bench();
        BlkDevice disk = bench.open();
        int count = 10;
        long pa = bench.buffer((long) count * BYTES);
        List<BlkRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(disk.submitRead(i * 32L, pa + (long) i * BYTES, BYTES));
        }
        bench.device.answer = r -> {
            bench.device.complete(4711, 0);
            bench.context.refuse(at, 1);
            bench.device.answer = bench.device::honestly;
        };
        int failed = 0;
        for (int i = 0; i < count; i++) {
            try {
                disk.await(requests.get(i));
                assertArrayEquals(bench.content(i * 32L, BYTES), bench.ram.get(pa + (long) i * BYTES, BYTES));
            } catch (VirtioException e) {
                failed++;
                assertTrue(e.getMessage().contains("refused"), e.getMessage());
            }
        }
        assertEquals(1, failed);
        assertEquals(0, bench.context.live());
        disk.read(0, pa, BYTES);
        disk.close();
        bench.hostile.close();
    }

    @Test
    void aDeviceNameWhoseMappingFailsGivesItsFrameBack() throws Exception {
        BlkBench bench = bench();
        BlkDevice disk = bench.open();
        bench.context.refuse(0, 1);
        assertThrows(DmaMappingException.class, disk::id);
        disk.close();
        bench.hostile.close();
        assertEquals(0, bench.framesInUse());
    }

    private static BlkBench bench() {
        BlkBench bench = BlkBench.polled();
        bench.transport.config.putInt(8, 4096).putInt(12, SEGMENTS);
        return bench;
    }
}
