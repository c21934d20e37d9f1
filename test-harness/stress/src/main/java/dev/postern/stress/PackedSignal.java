package dev.postern.stress;

import dev.postern.virtio.queue.QueueOptions;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A driver that falls asleep and a device that uses a chain, by the place in a packed ring (packed-ring:671). */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The driver sleeps, and the device interrupts.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The device found no wish; the driver finds the chain itself.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The driver is awake, and interrupted in vain.")
@Outcome(
        id = "0, 0",
        expect = Expect.FORBIDDEN,
        desc = "Both sleep: no full fence between the wish and the look for used chains, packed-ring:671.")
@State
public class PackedSignal {

    private final StressQueue driver = new StressQueue(
            QueueOptions.Format.PACKED, QueueOptions.Chaining.INDIRECT, QueueOptions.EventMarks.INDICES);
    private final PackedDevice device = new PackedDevice(driver.context);

    /** Made by jcstress, for each race: a driver whose last wish was for a chain that it has, and one chain that the device has. */
    public PackedSignal() {
        driver.queue.askForSignal();
        driver.post();
        device.use();
        driver.take();
        driver.post();
    }

    /** Wants to sleep: asks for a signal and looks once more; whether it stays awake. */
    @Actor
    public void driver(II_Result result) {
        result.r1 = driver.queue.askForSignal() ? 1 : 0;
    }

    /** Uses the chain; whether it would interrupt. */
    @Actor
    public void device(II_Result result) {
        device.use();
        VarHandle.fullFence();
        result.r2 = device.wantsSignal() ? 1 : 0;
    }
}
