package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

/**
 * The JVM counts the bytes that a thread allocates; one object a mapping would be at least 1.6 MB. Lists are left out,
 * because the coverage agent allocates in the default methods of interfaces.
 */
final class MappingAllocationTest {

    private static final int MAPPINGS = 100_000;

    @Test
    void directMappingsAllocateNothing() throws Exception {
        TestRam ram = new TestRam();
        assertAllocatesNothing(DmaContexts.open(
                new DmaPlan.Direct(0x1000), DmaMemory.plain(ram.frames()), DmaConstraints.NONE, "blk0"));
    }

    @Test
    void bouncedMappingsAllocateNothing() throws Exception {
        SecureRam secure = new SecureRam();
        DmaContext context = secure.open(secure.pool(1 << 20));
        // Pages are cut, and what the compiler keeps off the heap is on it until the compiler has been there.
        useMany(context);
        assertAllocatesNothing(context);
    }

    private static void assertAllocatesNothing(DmaContext context) throws Exception {
        long before = allocatedBytes();
        useMany(context);
        long allocated = allocatedBytes() - before;
        assertTrue(allocated < MAPPINGS, () -> allocated + " bytes for " + MAPPINGS + " mappings");
    }

    private static void useMany(DmaContext context) {
        for (int i = 0; i < MAPPINGS; i++) {
            use(context, i, i % 2 == 0 ? DmaDirection.FROM_DEVICE : DmaDirection.TO_DEVICE);
        }
    }

    private static void use(DmaContext context, int i, DmaDirection direction) {
        int length = 1 + i % 5000;
        long token = context.map(TestRam.HIGH + i, length, direction);
        context.deviceAddress(token);
        context.syncForCpu(token, 0, length);
        context.syncForDevice(token, 0, length);
        context.unmap(token, length, direction, direction.deviceWrites() ? length : 0);
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
