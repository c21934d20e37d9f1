package dev.postern.virtio.fake;

import java.util.List;

/** The device side of a virtqueue, whatever its format. */
public interface ScriptedRing {

    /** Every chain that waits, in the order in which they were made available. */
    List<SeenChain> takeAll();

    /**
     * Uses chains with a single used element, that of the last one; more than one is for a device that offered IN_ORDER.
     *
     * @param batch one or more chains, in the order in which they were made available when there are several
     * @param length bytes written into the last one
     */
    void use(List<SeenChain> batch, int length);
}
