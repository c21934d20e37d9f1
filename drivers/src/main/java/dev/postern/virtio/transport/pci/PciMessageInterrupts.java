package dev.postern.virtio.transport.pci;

import dev.postern.bus.pci.MsixTable;
import dev.postern.bus.pci.PciFunction;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.interrupt.MessageVector;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.transport.DeviceSignals;
import java.util.ArrayList;
import java.util.List;

/**
 * MSI-X: vector 0 for the configuration and one vector for each queue where the table is long enough, else one that all
 * queues share, else one for everything (transport-pci:1019: any table size is supported).
 */
final class PciMessageInterrupts implements PciInterrupts {

    private final MsixTable table;
    private final int queues;
    private final List<MessageVector> vectors = new ArrayList<>();

    private PciMessageInterrupts(MsixTable table, int queues) {
        this.table = table;
        this.queues = queues;
    }

    static PciMessageInterrupts open(
            PciFunction function, CommonConfiguration common, InterruptRouter router, int queues, DeviceSignals signals)
            throws ProbeRefusedException {
        MsixTable table = function.msix()
                .orElseThrow(() -> new ProbeRefusedException(
                        "%s: no MSI-X capability; try --irq intx or polled".formatted(function.name())));
        PciMessageInterrupts interrupts = new PciMessageInterrupts(table, queues);
        try {
            for (int vector = 0; vector < interrupts.vectorsUsed(); vector++) {
                interrupts.connect(function, router, vector, signals);
            }
            table.enable();
        } catch (RuntimeException e) {
            interrupts.close();
            throw e;
        }
        if (!common.mapConfigVector(0)) {
            interrupts.close();
            throw new ProbeRefusedException(
                    "%s: the device does not take vector 0 for its configuration; try --irq intx or polled"
                            .formatted(function.name()));
        }
        return interrupts;
    }

    private int vectorsUsed() {
        if (table.vectors() > queues) {
            return queues + 1;
        }
        return Math.min(table.vectors(), 2);
    }

    @Override
    public int queueVector(int queue) {
        return Math.min(queue + 1, vectorsUsed() - 1);
    }

    private void connect(PciFunction function, InterruptRouter router, int vector, DeviceSignals signals) {
        MessageVector message = router.openMessage("%s vector %d".formatted(function.name(), vector), () -> {
            if (vector == 0) {
                signals.configurationChanged();
            }
            for (int queue = 0; queue < queues; queue++) {
                if (queueVector(queue) == vector) {
                    signals.queueSignalled(queue);
                }
            }
        });
        vectors.add(message);
        table.route(vector, message.address(), message.data());
        table.unmask(vector);
    }

    @Override
    public void close() {
        table.disable();
        vectors.forEach(MessageVector::close);
        vectors.clear();
    }
}
