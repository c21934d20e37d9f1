package dev.postern.emulated.pci;

import dev.postern.emulated.board.RegisterBlock;
import dev.postern.emulated.dma.DmaPort;

/**
 * MSI-X: the table, the pending bits and the capability of one function (PCI Local Bus 3.0, 6.8.2). A message for a
 * masked vector stays pending and is sent when the vector or the function is unmasked.
 *
 * <p>In its BAR the table is at 0 and the pending bits are at {@link #PENDING_OFFSET}.
 */
public final class MsixTable implements RegisterBlock {

    /** Offset of the pending bits in the BAR. */
    static final int PENDING_OFFSET = 0x800;

    /** Size of the BAR in bytes. */
    public static final int BAR_SIZE = 0x1000;

    private static final int CONTROL_ENABLE = 0x8000;
    private static final int CONTROL_FUNCTION_MASK = 0x4000;
    private static final int ENTRY_MASK = 1;

    private final int vectors;
    private final DmaPort port;
    private final int[] entries;
    private long pending;
    private int control;

    /** All vectors masked, MSI-X off. At most 64 vectors. */
    public MsixTable(int vectors, DmaPort port) {
        this.vectors = vectors;
        this.port = port;
        this.entries = new int[4 * vectors];
        reset();
    }

    /** Back to the state after power-on. */
    public void reset() {
        java.util.Arrays.fill(entries, 0);
        for (int vector = 0; vector < vectors; vector++) {
            entries[4 * vector + 3] = ENTRY_MASK;
        }
        pending = 0;
        control = 0;
    }

    /** How many vectors there are. */
    public int vectors() {
        return vectors;
    }

    /** Whether MSI-X is on, and pins therefore are not used. */
    public boolean enabled() {
        return (control & CONTROL_ENABLE) != 0;
    }

    /** Software wrote the message control register. */
    public void control(int value) {
        control = value;
        replay();
    }

    /** Sends the message of a vector, or notes it as pending while masked. Nothing happens while MSI-X is off. */
    public void fire(int vector) {
        if (!enabled() || vector >= vectors) {
            return;
        }
        if (masked(vector)) {
            pending |= 1L << vector;
        } else {
            send(vector);
        }
    }

    private boolean masked(int vector) {
        return (control & CONTROL_FUNCTION_MASK) != 0 || (entries[4 * vector + 3] & ENTRY_MASK) != 0;
    }

    private void send(int vector) {
        long address = entries[4 * vector] & 0xffff_ffffL | (long) entries[4 * vector + 1] << 32;
        port.message(address, entries[4 * vector + 2]);
    }

    private void replay() {
        if (!enabled()) {
            return;
        }
        for (int vector = 0; vector < vectors; vector++) {
            if ((pending & 1L << vector) != 0 && !masked(vector)) {
                pending &= ~(1L << vector);
                send(vector);
            }
        }
    }

    @Override
    public long read(long offset, int width) {
        if (width == 8) {
            return dword(offset) & 0xffff_ffffL | (long) dword(offset + 4) << 32;
        }
        return dword(offset & ~3L) >>> (8 * (offset & 3));
    }

    private int dword(long offset) {
        if (offset < 4L * entries.length) {
            return entries[(int) offset / 4];
        }
        if (offset == PENDING_OFFSET) {
            return (int) pending;
        }
        return offset == PENDING_OFFSET + 4 ? (int) (pending >>> 32) : 0;
    }

    /** Software writes whole dwords or pairs of them; the result of a narrower write is undefined, here it is ignored. */
    @Override
    public void write(long offset, int width, long value) {
        if (width < 4) {
            return;
        }
        for (int i = 0; i < width / 4; i++) {
            int index = (int) (offset / 4) + i;
            if (index < entries.length) {
                entries[index] = (int) (value >>> (32 * i));
            }
        }
        replay();
    }
}
