package dev.postern.emulated;

import dev.postern.emulated.mischief.DeviceMischief;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a virtio device of any type behaves.
 *
 * @param withheld feature bits that it would offer and does not. Without VERSION_1 (32) it breaks content:985a, and is no legacy
 *     device all the same: it has the modern interface alone
 * @param extra feature bits that it would not offer and does: ACCESS_PLATFORM (33), RING_PACKED (34), IN_ORDER (35),
 *     ORDER_PLATFORM (36), NOTIFICATION_DATA (38), NOTIF_CONFIG_DATA (39), RING_RESET (40), and SIZE_MAX (1) of a disk
 * @param queueSize largest size of each queue, 1 to 32768. Other numbers than powers of two go with RING_PACKED alone, so offer that
 *     first; a driver that does not accept it is shown the next lower power of two (transport-pci:487)
 * @param resetReads how many reads of the status still show the old value after a reset was asked for, and how many of queue_reset
 *     show 1 after a queue's
 * @param mischief what it does wrong
 * @param addressBits how many low bits of an address it drives, 1 to 64. Higher bits are cut off, so that it really goes to another
 *     address; messages for interrupts are not cut
 */
public record VirtioOptions(
        Set<Integer> withheld,
        Set<Integer> extra,
        int queueSize,
        int resetReads,
        List<DeviceMischief> mischief,
        int addressBits) {

    private static final int RING_PACKED = 34;

    /** An honest device with 256 descriptors a queue that resets at once. */
    public static final VirtioOptions DEFAULTS = new VirtioOptions(Set.of(), Set.of(), 256, 0, List.of(), 64);

    /** Checks the ranges. */
    public VirtioOptions {
        withheld = Set.copyOf(withheld);
        extra = Set.copyOf(extra);
        mischief = List.copyOf(mischief);
        if (queueSize < 1 || queueSize > 32768 || !extra.contains(RING_PACKED) && Integer.bitCount(queueSize) != 1) {
            throw new MachineConfigurationException("queue size " + queueSize
                    + ": give a power of two from 1 to 32768, or offer RING_PACKED (34) first and give any"
                    + " number up to that");
        }
        if (resetReads < 0) {
            throw new MachineConfigurationException("resetReads " + resetReads + ": give 0 or more");
        }
        if (addressBits < 1 || addressBits > 64) {
            throw new MachineConfigurationException("address bits " + addressBits + ": give 1 to 64");
        }
    }

    /** The same without offering some bits. */
    public VirtioOptions withhold(Integer... bits) {
        return new VirtioOptions(joined(withheld, bits), extra, queueSize, resetReads, mischief, addressBits);
    }

    /** The same, offering some bits more. */
    public VirtioOptions offer(Integer... bits) {
        return new VirtioOptions(withheld, joined(extra, bits), queueSize, resetReads, mischief, addressBits);
    }

    private static Set<Integer> joined(Set<Integer> some, Integer... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The same with queues of another size. */
    public VirtioOptions queueSize(int size) {
        return new VirtioOptions(withheld, extra, size, resetReads, mischief, addressBits);
    }

    /** The same with a slower reset. */
    public VirtioOptions resetReads(int reads) {
        return new VirtioOptions(withheld, extra, queueSize, reads, mischief, addressBits);
    }

    /** The same with more things done wrong. */
    public VirtioOptions mischief(DeviceMischief... acts) {
        return new VirtioOptions(
                withheld,
                extra,
                queueSize,
                resetReads,
                Stream.concat(mischief.stream(), Stream.of(acts)).toList(),
                addressBits);
    }

    /** The same, driving only so many low address bits. */
    public VirtioOptions addressBits(int bits) {
        return new VirtioOptions(withheld, extra, queueSize, resetReads, mischief, bits);
    }
}
