package dev.postern.stress;

import dev.postern.virtio.queue.QueueOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Sabotage: {@link SplitNotification} with a driver that shows its chain with the same release store, and then looks at the wish without
 * a fence between the two. It must be found out; if it is not, the other tests prove nothing on this machine.
 */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The driver found no wish; the device finds the chain itself.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The device sleeps, and the driver notifies it.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The device is awake, and notified in vain.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "Both sleep: the fence is missing, and it shows.")
@State
public class UnfencedNotification {

    private static final VarHandle U16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final StressQueue driver =
            new StressQueue(QueueOptions.Format.SPLIT, QueueOptions.Chaining.DIRECT, QueueOptions.EventMarks.FLAGS);
    private final SplitDevice device = new SplitDevice(driver.context);
    private final MemorySegment available = driver.context.segment(1);
    private final MemorySegment used = driver.context.segment(2);

    /** Made by jcstress, for each race. */
    public UnfencedNotification() {
        device.sleepSoundly();
        driver.commit();
    }

    /** Shows the chain as the queue does, but for the fence. */
    @Actor
    public void driver(II_Result result) {
        U16.setRelease(available, 2L, (short) 1);
        result.r1 = ((short) U16.get(used, 0L) & 1) == 0 ? 1 : 0;
    }

    /** Wants to sleep: asks for a notification, and looks once more; whether it stays awake. */
    @Actor
    public void device(II_Result result) {
        device.askByFlag();
        VarHandle.fullFence();
        result.r2 = device.sees() ? 1 : 0;
    }
}
