package dev.postern.stress;

import dev.postern.virtio.queue.QueueOptions;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A chain of a split ring against its index (split-ring:685). */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "The device looked before the chain was shown.")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "The device saw the chain, whole.")
@Outcome(
        id = "2",
        expect = Expect.FORBIDDEN,
        desc = "The device was shown a chain and saw other contents: no release before the index, split-ring:685.")
@State
public class SplitPublish {

    private final StressQueue driver =
            new StressQueue(QueueOptions.Format.SPLIT, QueueOptions.Chaining.DIRECT, QueueOptions.EventMarks.FLAGS);
    private final SplitDevice device = new SplitDevice(driver.context);

    /** Made by jcstress, for each race. */
    public SplitPublish() {}

    /** Builds a chain and shows it. */
    @Actor
    public void driver() {
        driver.post();
    }

    /** Looks once. */
    @Actor
    public void device(I_Result result) {
        result.r1 = !device.sees() ? 0 : device.seesWhole() ? 1 : 2;
    }
}
