package dev.postern.emulated;

import dev.postern.emulated.blk.BlockDevice;
import dev.postern.emulated.board.Gate;

/** A test's handle on one disk of a running machine. Used by the thread that runs the guest. */
public final class Disk {

    private final BlockDevice device;
    private final Gate gate;

    Disk(BlockDevice device, Gate gate) {
        this.device = device;
        this.gate = gate;
    }

    /** What it has served so far. */
    public DiskCounters counters() {
        gate.enter();
        try {
            return device.counters();
        } finally {
            gate.leave();
        }
    }

    /**
     * Changes the capacity that the guest is shown, with a new generation and a configuration change notification. The
     * image keeps its size: what lies behind its end fails.
     *
     * @param bytes a multiple of 512, 0 or more
     */
    public void changeCapacity(long bytes) {
        if (bytes < 0 || bytes % 512 != 0) {
            throw new IllegalArgumentException("capacity of " + bytes + " bytes: give a multiple of 512");
        }
        gate.enter();
        try {
            device.changeCapacity(bytes);
        } finally {
            gate.leave();
        }
    }

    /**
     * Cuts the disk's power and gives it back at once: what was written and not flushed is lost, and the guest is told nothing.
     *
     * @throws IllegalStateException when the disk keeps nothing that could be lost; it was not made with {@link WriteCache#VOLATILE}
     */
    public void cutPower() {
        gate.enter();
        try {
            if (!device.cutPower()) {
                throw new IllegalStateException("the disk has no volatile cache: make it with WriteCache.VOLATILE");
            }
        } finally {
            gate.leave();
        }
    }
}
