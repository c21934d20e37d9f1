package dev.postern.dma;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.memory.PhysRange;
import dev.postern.platform.CacheMaintenance;
import dev.postern.xen.GrantTable;
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

    @Test
    void grantedMappingsAllocateNothing() throws Exception {
        TestRam ram = new TestRam();
        DmaMemory memory = DmaMemory.plain(ram.frames()).withGrants(new CountedGrants());
        assertAllocatesNothing(DmaContexts.open(new DmaPlan.Granted(), memory, DmaConstraints.NONE, "blk0"));
    }

    /** Half of them cross into a page elsewhere and take the detour. */
    @Test
    void pageTranslatedMappingsAllocateNothing() throws Exception {
        TestRam ram = new TestRam();
        DmaMemory memory = DmaMemory.plain(ram.frames()).withMachineFrames(pa -> pa + (pa & 0x1000));
        DmaContext context = DmaContexts.open(new DmaPlan.PageTranslated(), memory, DmaConstraints.NONE, "blk0");
        useMany(context);
        assertAllocatesNothing(context);
    }

    /** Those that the device writes take the detour, the others do not. */
    @Test
    void mappingsOfADeviceThatIsNotSnoopedAllocateNothing() throws Exception {
        TestRam ram = new TestRam();
        DmaMemory memory = DmaMemory.plain(ram.frames()).withCaches(new IdleCaches());
        DmaContext context = DmaContexts.open(new DmaPlan.Direct(0x1000), memory, DmaConstraints.NONE, "blk0");
        useMany(context);
        assertAllocatesNothing(context);
    }

    /** Grants that allocate nothing themselves. */
    private static final class CountedGrants implements GrantTable {

        private int inUse;

        @Override
        public int grant(long pa, Access access) {
            return grantRun(pa, 1, access);
        }

        @Override
        public int grantRun(long pa, int pages, Access access) {
            inUse += pages;
            return 8;
        }

        @Override
        public boolean end(int firstReference, int pages) {
            inUse -= pages;
            return inUse >= 0;
        }

        @Override
        public int inUse() {
            return inUse;
        }
    }

    /** Caches of a device that is snooped after all. */
    private static final class IdleCaches implements CacheMaintenance {

        @Override
        public int lineBytes() {
            return 64;
        }

        @Override
        public void clean(long pa, long length) {}

        @Override
        public void invalidate(long pa, long length) {}

        @Override
        public void makeUncached(PhysRange pages) {}

        @Override
        public void makeCached(PhysRange pages) {}
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
        int length = 1 + i % 4096;
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
