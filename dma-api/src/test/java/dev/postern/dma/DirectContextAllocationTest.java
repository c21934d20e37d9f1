package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

final class DirectContextAllocationTest {

    private static final int MAPPINGS = 100_000;

    /**
     * The JVM counts the bytes that a thread allocates; one object a mapping would be at least 1.6 MB. Lists are left
     * out, because the coverage agent allocates in the default methods of interfaces.
     */
    @Test
    void mappingSyncingAndUnmappingAllocateNothing() throws Exception {
        TestRam ram = new TestRam();
        DmaContext context = DmaContexts.open(
                new DmaPlan.Direct(0x1000), DmaMemory.plain(ram.frames()), DmaConstraints.NONE, "blk0");
        long before = allocatedBytes();
        for (int i = 0; i < MAPPINGS; i++) {
            long token = context.map(TestRam.HIGH + i, 100, DmaDirection.FROM_DEVICE);
            context.deviceAddress(token);
            context.syncForCpu(token, 0, 100);
            context.syncForDevice(token, 0, 100);
            context.unmap(token, 100, DmaDirection.FROM_DEVICE, 50);
        }
        long allocated = allocatedBytes() - before;
        assertTrue(allocated < MAPPINGS, () -> allocated + " bytes for " + MAPPINGS + " mappings");
    }

    /** By reflection, because this module has no business with the management module otherwise. */
    private static long allocatedBytes() throws ReflectiveOperationException {
        Object threads = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method counter = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (long) counter.invoke(threads);
    }
}
