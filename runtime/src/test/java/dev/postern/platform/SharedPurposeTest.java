package dev.postern.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.fakes.FakeRam;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedPurposeTest {

    private static final long PAGE = FrameAllocator.FRAME_BYTES;

    private final PhysicalMemory ram = new PhysicalMemory(List.of(FakeRam.region(1L << 32, 64 * PAGE)));
    private final SharedMemory shared = new SharedMemory(new AllShared(ram), new FrameAllocator(ram, List.of()));

    @Test
    void whatIsSharedIsCountedByWhatItIsForUntilItIsPrivateAgain() throws SharingFailedException {
        assertEquals(Map.of(), shared.bytesByPurpose());
        PhysRange pool = shared.allocate(3 * PAGE, FrameRequest.ANY, SharedPurpose.POOL);
        shared.allocate(1, FrameRequest.ANY, SharedPurpose.POOL);
        PhysRange mailbox = shared.pages(SharedPurpose.INTERRUPTS).allocate(PAGE, FrameRequest.ANY);
        shared.allocate(PAGE, FrameRequest.ANY);
        assertEquals(
                Map.of(SharedPurpose.POOL, 4 * PAGE, SharedPurpose.INTERRUPTS, PAGE, SharedPurpose.OTHER, PAGE),
                shared.bytesByPurpose());
        assertEquals(6 * PAGE, shared.sharedBytes());
        shared.free(pool);
        shared.pages(SharedPurpose.INTERRUPTS).free(mailbox);
        assertEquals(Map.of(SharedPurpose.POOL, PAGE, SharedPurpose.OTHER, PAGE), shared.bytesByPurpose());
    }
}
