package dev.postern.virtio.queue;

import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaContext;
import java.util.ArrayList;
import java.util.List;

/**
 * What a queue is made of, apart from its code, so that a plain queue and a specialised one can be made of the same.
 *
 * @param options how it is to be made
 * @param areas descriptor, driver and device area, in this order
 * @param tables the indirect tables; null without any
 * @param chainOf see {@link Virtqueue#chainOf}
 * @param commitOf see {@link Virtqueue#commitOf}
 * @param free free descriptors or ids as a stack
 * @param nextOf the descriptor behind each one of a chain, for a format that has such
 * @param flagsOf the flags of each entry of the chain under construction, for a format that has such
 */
record QueueParts(
        QueueOptions options,
        List<CoherentBuffer> areas,
        IndirectTables tables,
        long[] chainOf,
        long[] commitOf,
        int[] free,
        int[] nextOf,
        short[] flagsOf) {

    /**
     * Takes the memory.
     *
     * @throws dev.postern.dma.DmaMappingException when there is none; nothing is kept then
     */
    static QueueParts take(QueueOptions options, DmaContext context) {
        int size = options.size();
        List<CoherentBuffer> areas = new ArrayList<>();
        try {
            switch (options.format()) {
                case SPLIT -> {
                    areas.add(context.allocateCoherent(SplitLayout.descriptorBytes(size), Descriptor.ALIGNMENT));
                    areas.add(context.allocateCoherent(
                            SplitLayout.availableBytes(size), SplitLayout.AVAILABLE_ALIGNMENT));
                    areas.add(context.allocateCoherent(SplitLayout.usedBytes(size), SplitLayout.USED_ALIGNMENT));
                }
                case PACKED -> {
                    areas.add(context.allocateCoherent((long) size * Descriptor.BYTES, Descriptor.ALIGNMENT));
                    areas.add(context.allocateCoherent(PackedLayout.EVENT_BYTES, PackedLayout.EVENT_ALIGNMENT));
                    areas.add(context.allocateCoherent(PackedLayout.EVENT_BYTES, PackedLayout.EVENT_ALIGNMENT));
                }
            }
            IndirectTables tables = options.tableEntries() > 1
                    ? IndirectTables.take(
                            context, size, options.tableEntries() * Descriptor.BYTES, Descriptor.ALIGNMENT)
                    : null;
            return new QueueParts(
                    options,
                    List.copyOf(areas),
                    tables,
                    new long[size],
                    new long[size],
                    new int[size],
                    new int[size],
                    new short[size]);
        } catch (RuntimeException e) {
            areas.forEach(CoherentBuffer::close);
            throw e;
        }
    }

    CoherentBuffer descriptorArea() {
        return areas.get(0);
    }

    CoherentBuffer driverArea() {
        return areas.get(1);
    }

    CoherentBuffer deviceArea() {
        return areas.get(2);
    }

    /** Where the device finds the areas. */
    QueueAddresses addresses() {
        return new QueueAddresses(
                options.size(),
                descriptorArea().deviceAddress(),
                driverArea().deviceAddress(),
                deviceArea().deviceAddress());
    }

    /** Gives the memory back. */
    void close() {
        areas.forEach(CoherentBuffer::close);
        if (tables != null) {
            tables.close();
        }
    }
}
