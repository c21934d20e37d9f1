package dev.postern.virtio.transport.pci;

import dev.postern.bus.pci.PciFunction;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.interrupt.LineAnswer;
import dev.postern.interrupt.LineHandler;
import dev.postern.interrupt.LineVector;
import dev.postern.machine.RegisterSpace;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.transport.DeviceSignals;

/** An interrupt pin: one line for everything; reading the interrupt status says what it was and drops the line. */
final class PciLineInterrupt implements PciInterrupts {

    private static final int QUEUE = 1;
    private static final int CONFIGURATION = 2;

    private final PciFunction function;
    private final LineVector line;

    private PciLineInterrupt(PciFunction function, LineVector line) {
        this.function = function;
        this.line = line;
    }

    static PciLineInterrupt open(
            PciFunction function,
            RegisterSpace registers,
            long isrPa,
            InterruptRouter router,
            int gsi,
            int queues,
            DeviceSignals signals)
            throws ProbeRefusedException {
        if (gsi == PciTransport.NO_LINE) {
            throw new ProbeRefusedException(
                    "%s: no interrupt line is known for its pin; try --irq msix or polled".formatted(function.name()));
        }
        LineHandler handler = () -> {
            int status = registers.read8(isrPa);
            if ((status & (QUEUE | CONFIGURATION)) == 0) {
                return LineAnswer.NOT_MINE;
            }
            if ((status & CONFIGURATION) != 0) {
                signals.configurationChanged();
            }
            if ((status & QUEUE) != 0) {
                for (int queue = 0; queue < queues; queue++) {
                    signals.queueSignalled(queue);
                }
            }
            return LineAnswer.HANDLED;
        };
        LineVector line;
        try {
            line = router.openLine(gsi, function.name(), handler);
        } catch (IllegalStateException | IllegalArgumentException e) {
            // The machine shows no lines, or not this one: trouble of this device alone.
            throw new ProbeRefusedException(e.getMessage() + "; try --irq msix or polled");
        }
        function.enableIntx();
        return new PciLineInterrupt(function, line);
    }

    @Override
    public int queueVector(int queue) {
        return CommonConfiguration.NO_VECTOR;
    }

    @Override
    public void close() {
        function.disableIntx();
        line.close();
    }
}
