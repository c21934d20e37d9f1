package dev.postern.attach;

import dev.postern.machine.InterruptLines;

/** The inputs of the I/O interrupt controller, which QEMU tells us about instead of it. */
final class QemuInterruptLines implements InterruptLines {

    /** Where QEMU keeps the controller. */
    static final String CONTROLLER = "ioapic";

    private static final int COUNT = 24;

    private final QtestClient qtest;

    QemuInterruptLines(QtestClient qtest) {
        this.qtest = qtest;
    }

    @Override
    public int count() {
        return COUNT;
    }

    /** Waits for no device; only for the answers to writes that were made before, since they may have moved the line. */
    @Override
    public boolean asserted(int gsi) {
        if (gsi < 0 || gsi >= COUNT) {
            throw new IllegalArgumentException("interrupt line %d: there are 0 to %d".formatted(gsi, COUNT - 1));
        }
        qtest.settle();
        qtest.poll();
        return qtest.level(gsi);
    }
}
