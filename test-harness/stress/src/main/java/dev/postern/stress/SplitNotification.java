package dev.postern.stress;

import dev.postern.virtio.queue.QueueOptions;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A driver that shows a chain and a device that falls asleep, by the flag of a split ring (split-ring:698). */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The driver found no wish; the device finds the chain itself.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The device sleeps, and the driver notifies it.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The device is awake, and notified in vain.")
@Outcome(
        id = "0, 0",
        expect = Expect.FORBIDDEN,
        desc = "Both sleep: no full fence between the chain and the look at the wish, split-ring:698.")
@State
public class SplitNotification {

    private final StressQueue driver =
            new StressQueue(QueueOptions.Format.SPLIT, QueueOptions.Chaining.DIRECT, QueueOptions.EventMarks.FLAGS);
    private final SplitDevice device = new SplitDevice(driver.context);

    /** Made by jcstress, for each race: a device that works and wants no notification, and a chain that it was not shown. */
    public SplitNotification() {
        device.sleepSoundly();
        driver.commit();
    }

    /** Shows the chain; whether it would notify. */
    @Actor
    public void driver(II_Result result) {
        result.r1 = driver.queue.publish() ? 1 : 0;
    }

    /** Wants to sleep: asks for a notification, and looks once more; whether it stays awake. */
    @Actor
    public void device(II_Result result) {
        device.askByFlag();
        VarHandle.fullFence();
        result.r2 = device.sees() ? 1 : 0;
    }
}
