package dev.postern.virtio.transport.pci;

/** How a PCI device was told to interrupt. */
interface PciInterrupts extends AutoCloseable {

    /** The MSI-X vector for a queue's events, or {@link CommonConfiguration#NO_VECTOR}. */
    int queueVector(int queue);

    /** No interrupt comes after this. */
    @Override
    void close();

    /** No interrupts at all. */
    static PciInterrupts none() {
        return new PciInterrupts() {
            @Override
            public int queueVector(int queue) {
                return CommonConfiguration.NO_VECTOR;
            }

            @Override
            public void close() {
                // Nothing was opened.
            }
        };
    }
}
