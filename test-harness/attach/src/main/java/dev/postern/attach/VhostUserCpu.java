package dev.postern.attach;

import dev.postern.machine.Cpu;
import dev.postern.os.DescriptorSet;

/** This JVM's thread as the guest's CPU, in real time; what another process trips ends its waits. */
final class VhostUserCpu implements Cpu {

    /** A look at the system costs about 0.3 µs, a turn some 10 to 40 ns: so it takes less than a hundredth of the time. */
    private static final int TURNS_BETWEEN_LOOKS = 2048;

    private final DescriptorSet descriptors;
    private final MachineEnd end;
    private int turns;

    VhostUserCpu(DescriptorSet descriptors, MachineEnd end) {
        this.descriptors = descriptors;
        this.end = end;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    /** A hint to the processor, and now and then a look at the latches. */
    @Override
    public void relax() {
        if (++turns == TURNS_BETWEEN_LOOKS) {
            turns = 0;
            end.check();
            descriptors.look();
        } else {
            Thread.onSpinWait();
        }
    }

    /** One system call. */
    @Override
    public void halt(long deadlineNanos) {
        end.check();
        descriptors.await(deadlineNanos);
    }
}
