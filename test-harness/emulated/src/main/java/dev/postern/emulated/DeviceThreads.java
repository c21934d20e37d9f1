package dev.postern.emulated;

/** On which thread the devices of a machine work. */
public enum DeviceThreads {

    /**
     * On the guest's, while it waits ({@link dev.postern.machine.Cpu#relax()} or {@code halt}), in an order drawn from the seed, by a
     * simulated clock. The same seed and the same guest give the same run.
     */
    GUEST,

    /**
     * On one of their own, at the same time as the guest, by the real clock: no two runs are the same. Devices serve a queue as soon as
     * it is notified; relax is a hint to the CPU and halt sleeps until an interrupt or the deadline. Plain platforms alone, without an
     * audit.
     *
     * <p><b>Who may touch what.</b> The guest's thread, one at a time, touches registers, ports, lines and the handles of disks, as
     * ever. Each such access excludes the devices while it lasts, but for a notification of 16 bits, which does not wait for them, and
     * for the level of a line, which is read as it is. Devices let a waiting access in between two requests. RAM belongs to both, and
     * only the order of their accesses keeps them apart: devices load indices and flags with acquire, and store them with release.
     * {@link EmulatedMachine#guestErrors()} and {@link EmulatedMachine#trace()} may be read from any thread.
     *
     * <p>{@link EmulatedMachine#close()} returns when the thread has ended. A device that throws ends the machine: every later access
     * of the guest says why.
     */
    OWN
}
