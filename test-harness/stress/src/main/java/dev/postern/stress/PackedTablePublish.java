package dev.postern.stress;

import dev.postern.virtio.queue.QueueOptions;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** An indirect table of a packed ring against the flags of its entry (packed-ring:572). */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "The device looked before the chain was shown.")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "The device saw the chain, whole.")
@Outcome(
        id = "2",
        expect = Expect.FORBIDDEN,
        desc = "The device was shown a chain and saw other contents: no release before the flags, packed-ring:572.")
@State
public class PackedTablePublish {

    private final StressQueue driver =
            new StressQueue(QueueOptions.Format.PACKED, QueueOptions.Chaining.INDIRECT, QueueOptions.EventMarks.FLAGS);
    private final PackedDevice device = new PackedDevice(driver.context);

    /** Made by jcstress, for each race. */
    public PackedTablePublish() {}

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
