package dev.postern.bus.pci;

import dev.postern.machine.RegisterSpace;
import java.util.Optional;

/**
 * The message-signalled interrupts (MSI-X) of a function: its table of vectors and its pending bits.
 *
 * <p>Vectors start masked. The function's memory decoding must be on before any method but {@link #vectors()} is used.
 * Offsets are those of the PCI Express Base Specification 6.0, 7.7.2.
 */
public final class MsixTable {

    private static final int CONTROL = 2;
    private static final int TABLE = 4;
    private static final int PENDING = 8;
    private static final int CONTROL_SIZE_MASK = 0x7ff;
    private static final int CONTROL_FUNCTION_MASK = 1 << 14;
    private static final int CONTROL_ENABLE = 1 << 15;
    private static final int ENTRY_BYTES = 16;
    private static final int ENTRY_ADDRESS = 0;
    private static final int ENTRY_ADDRESS_UPPER = 4;
    private static final int ENTRY_DATA = 8;
    private static final int ENTRY_CONTROL = 12;
    private static final int ENTRY_MASKED = 1;

    private final PciFunction function;
    private final RegisterSpace registers;
    private final int capability;
    private final int vectors;
    private final long tablePa;
    private final long pendingPa;
    /** What we last wrote, not what the device says: the mask bits, a copy in private memory. */
    private final boolean[] unmasked;

    MsixTable(PciFunction function, RegisterSpace registers, PciCapability capability) {
        this.function = function;
        this.registers = registers;
        this.capability = capability.offset();
        if (this.capability + 12 > 0x100) {
            throw new PciException("PCI %s: the MSI-X capability at 0x%x is cut off; use INTx or polling"
                    .formatted(function, this.capability));
        }
        this.vectors = (function.read16(this.capability + CONTROL) & CONTROL_SIZE_MASK) + 1;
        this.unmasked = new boolean[vectors];
        int table = function.read32(this.capability + TABLE);
        int pending = function.read32(this.capability + PENDING);
        long tableBytes = (long) vectors * ENTRY_BYTES;
        long pendingBytes = (vectors + 63) / 64 * 8L;
        this.tablePa = locate("table", table, tableBytes);
        this.pendingPa = locate("pending bits", pending, pendingBytes);
        if (tablePa < pendingPa + pendingBytes && pendingPa < tablePa + tableBytes) {
            throw new PciException("PCI %s: MSI-X table and pending bits overlap at 0x%x; use INTx or polling"
                    .formatted(function, Math.max(tablePa, pendingPa)));
        }
    }

    /** The low three bits of the register name the BAR, the others are the offset inside. */
    private long locate(String what, int register, long bytes) {
        int index = register & 7;
        long offset = register & 0xffff_fff8L;
        MemoryBar bar = (index < 6 ? function.bar(index) : Optional.<MemoryBar>empty())
                .orElseThrow(() -> new PciException("PCI %s: the MSI-X %s is in BAR %d, which is no placed memory BAR"
                        .formatted(function, what, index)));
        if (!bar.contains(offset, bytes)) {
            throw new PciException("PCI %s: the MSI-X %s, 0x%x bytes at offset 0x%x, ends outside %s"
                    .formatted(function, what, bytes, offset, bar));
        }
        return bar.pa() + offset;
    }

    /** How many vectors there are, 1 to 2048. */
    public int vectors() {
        return vectors;
    }

    /**
     * Says where a vector's message goes. Whether it is masked stays as it is.
     *
     * @param vector 0 to {@link #vectors()} - 1
     * @param address where the device stores, in the device's address space; a multiple of 4
     * @param data the 32 bits that it stores
     */
    public void route(int vector, long address, int data) {
        long entry = entry(vector);
        if ((address & 3) != 0) {
            throw new IllegalArgumentException(
                    "PCI %s: MSI-X vector %d: address 0x%x is no multiple of 4".formatted(function, vector, address));
        }
        // An entry may change only while it is masked: else the device may send with half an address.
        registers.write32(entry + ENTRY_CONTROL, ENTRY_MASKED);
        registers.write32(entry + ENTRY_ADDRESS, (int) address);
        registers.write32(entry + ENTRY_ADDRESS_UPPER, (int) (address >>> 32));
        registers.write32(entry + ENTRY_DATA, data);
        if (unmasked[vector]) {
            registers.write32(entry + ENTRY_CONTROL, 0);
        }
    }

    /** Holds a vector's messages back; the device remembers one in its pending bit. */
    public void mask(int vector) {
        long entry = entry(vector);
        unmasked[vector] = false;
        registers.write32(entry + ENTRY_CONTROL, ENTRY_MASKED);
        // The read comes back only after the write has arrived, so no message follows the return of this call.
        registers.read32(entry + ENTRY_CONTROL);
    }

    /** Lets a vector's messages through, at once the one that is pending. */
    public void unmask(int vector) {
        long entry = entry(vector);
        unmasked[vector] = true;
        registers.write32(entry + ENTRY_CONTROL, 0);
    }

    /** Whether the device holds a message of a masked vector back. */
    public boolean pending(int vector) {
        entry(vector);
        return (registers.read32(pendingPa + vector / 32 * 4L) >>> vector % 32 & 1) != 0;
    }

    /** Switches from INTx to messages. Vectors that nobody unmasked here are masked first, whoever left them open. */
    public void enable() {
        requireMemory();
        int control = function.read16(capability + CONTROL);
        // The function mask holds everything back while inherited entries are put right.
        function.write16(capability + CONTROL, control | CONTROL_ENABLE | CONTROL_FUNCTION_MASK);
        for (int vector = 0; vector < vectors; vector++) {
            if (!unmasked[vector]) {
                registers.write32(entry(vector) + ENTRY_CONTROL, ENTRY_MASKED);
            }
        }
        function.write16(capability + CONTROL, control & ~CONTROL_FUNCTION_MASK | CONTROL_ENABLE);
    }

    /** Sends no message from here on. */
    public void disable() {
        int control = function.read16(capability + CONTROL);
        function.write16(capability + CONTROL, control & ~CONTROL_ENABLE);
        // As in mask: wait until the write has arrived.
        function.read16(capability + CONTROL);
    }

    private long entry(int vector) {
        if (vector < 0 || vector >= vectors) {
            throw new IllegalArgumentException(
                    "PCI %s: MSI-X vector %d: there are %d, numbered from 0".formatted(function, vector, vectors));
        }
        requireMemory();
        return tablePa + (long) vector * ENTRY_BYTES;
    }

    private void requireMemory() {
        if (!function.memoryEnabled()) {
            throw new PciException("PCI %s: the MSI-X table is in memory that is not decoded: call enableMemory() first"
                    .formatted(function));
        }
    }
}
