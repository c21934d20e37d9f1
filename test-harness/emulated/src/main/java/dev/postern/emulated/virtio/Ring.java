package dev.postern.emulated.virtio;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaPort;
import dev.postern.emulated.dma.DmaWindow;
import dev.postern.emulated.dma.Hold;
import java.util.List;

/**
 * A queue in memory, in one of the two formats: where the next chain lies, and how a used one is given back. What is read is checked
 * before it is used, and each field is read once.
 *
 * <p>A format counts <i>slots</i>: elements of the available and used rings of a split queue, descriptors of a packed one.
 */
abstract sealed class Ring permits SplitRing, PackedRing {

    /** The longest chain that is served, as in QEMU (VIRTQUEUE_MAX_SIZE), whatever the queue size. */
    static final int LONGEST_CHAIN = 1024;

    static final int DESCRIPTOR_BYTES = 16;
    static final int FLAG_NEXT = 1;
    static final int FLAG_WRITE = 2;
    static final int FLAG_INDIRECT = 4;

    final VirtioDevice device;
    final int index;
    final DmaPort port;
    final Chain chain;

    /** The indirect table of the chain that is being read. */
    final DmaWindow indirect;

    /** The three parts, mapped from the first look at them to a reset, as a back-end does. */
    private List<Hold> holds = List.of();

    /** Names the chain that {@link #take} read last: its head, or its buffer id. */
    int id;

    /** How many slots that chain takes. */
    int slots;

    Ring(VirtioDevice device, int index, DmaPort port) {
        this.device = device;
        this.index = index;
        this.port = port;
        this.chain = new Chain(port);
        this.indirect = new DmaWindow(port, DmaIntent.READ, 1);
    }

    /** What a look at the ring shows. */
    enum Look {
        /** Nothing that was not taken. */
        EMPTY,
        /** At least one chain. */
        READY,
        /** What cannot be; the device then asks for a reset. */
        FAULTY
    }

    /** The queue was enabled as its registers say: all positions are at the start. */
    abstract void begin(QueueRegisters registers);

    /** Maps the three parts, unless they are, and looks whether they can still be reached. */
    final void map() {
        if (holds.isEmpty()) {
            holds = holdParts();
        }
        refresh();
    }

    abstract List<Hold> holdParts();

    abstract void refresh();

    /** Unmaps the three parts. */
    final void letGo() {
        holds.forEach(Hold::end);
        holds = List.of();
    }

    /** Begins a batch: looks whether there is anything to take. What comes in later may belong to the next batch. */
    abstract Look beginBatch();

    /** Whether the batch goes on. */
    abstract Look look();

    /**
     * Reads the next chain into {@link #chain} and moves past it.
     *
     * @return false when it is malformed; the device then asks for a reset
     */
    abstract boolean take();

    /** Asks to be notified of the next chain, and says whether none came in while asking. */
    abstract boolean caughtUp();

    /**
     * Writes a used element and does not move.
     *
     * @param ahead how many slots after the next one, less than the size; negative for one before
     * @param usedId what it names
     * @param length what it says was written, 32 bits
     * @param wrote whether it says that anything was
     * @return false when the access failed
     */
    abstract boolean put(int ahead, int usedId, int length, boolean wrote);

    /** Moves the place of the next used element on, 0 to 65535 slots. */
    abstract void advance(int by);

    /**
     * Makes visible what was put since the last time.
     *
     * @return false when the access failed
     */
    abstract boolean expose();

    /** Whether the driver wants to hear of what was put since the last call. */
    abstract boolean wanted();

    /**
     * Whether a notification with data told the truth about where the next chain goes.
     *
     * @param data next_off in the low 15 bits, next_wrap above
     */
    abstract boolean truthful(int data);

    /** The clause that a notification with other data breaks. */
    abstract String dataClause();

    final boolean outOfReach(String what) {
        device.needsReset("the " + what + " of queue " + index + " is out of reach");
        return false;
    }

    final boolean malformed(String clause, String what) {
        device.guestError(clause, "queue " + index + ": " + what);
        device.needsReset(what);
        return false;
    }

    /** Adds one element to the chain. False when it is malformed; the device then asks for a reset. */
    final boolean element(String orderClause, long address, long bytes, int flags) {
        if (bytes == 0) {
            return malformed("qemu:zero-length", whose() + ": a descriptor without length");
        }
        DmaIntent intent = (flags & FLAG_WRITE) != 0 ? DmaIntent.WRITE : DmaIntent.READ;
        if (intent == DmaIntent.READ && chain.writableBytes() > 0) {
            return malformed(orderClause, whose() + ": readable after writable");
        }
        if (chain.readableBytes() + chain.writableBytes() + bytes > 1L << 32) {
            return malformed("split-ring:223", whose() + ": more than 2^32 bytes");
        }
        if (!port.reaches(address, bytes, intent)) {
            device.needsReset("a buffer of " + whose() + " is out of reach");
            return false;
        }
        chain.add(address, bytes, intent);
        return true;
    }

    /** Opens an indirect table and returns how many entries are looked at, or -1 when its size is wrong. */
    final int openIndirect(long address, long bytes) {
        if (bytes == 0 || bytes % DESCRIPTOR_BYTES != 0) {
            malformed("qemu:indirect-size", "%s: an indirect table of %d bytes".formatted(whose(), bytes));
            return -1;
        }
        indirect.open(address, bytes);
        return (int) Math.min(bytes / DESCRIPTOR_BYTES, LONGEST_CHAIN + 1);
    }

    /** The chain that is being read, for messages. */
    abstract String whose();
}
