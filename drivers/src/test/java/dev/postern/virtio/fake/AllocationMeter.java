package dev.postern.virtio.fake;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Counts what a driver allocates on its own thread, while the scripted device works on that thread too: what the device allocates is
 * put aside.
 */
public final class AllocationMeter {

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long aside;
    private long atStart;

    /** Bytes this thread ever allocated. */
    public long allocated() {
        return threads.getCurrentThreadAllocatedBytes();
    }

    /** Counts from now on. */
    public void start() {
        aside = 0;
        atStart = allocated();
    }

    /** Bytes of the driver since {@link #start}. */
    public long driverBytes() {
        return allocated() - atStart - aside;
    }

    /** Puts aside what was allocated since the counter read {@code before}. */
    public void putAside(long before) {
        aside += allocated() - before;
    }
}
