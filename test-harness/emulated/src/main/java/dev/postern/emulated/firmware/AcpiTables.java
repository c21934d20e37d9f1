package dev.postern.emulated.firmware;

import dev.postern.emulated.mischief.BadChecksum;
import dev.postern.emulated.mischief.FirmwareMischief;
import dev.postern.emulated.mischief.TruncatedTable;
import dev.postern.emulated.mischief.ZeroLengthEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The ACPI tables (ACPI 6.5, chapter 5): RSDP, XSDT, FADT of the hardware-reduced kind, a DSDT without code, MADT and
 * MCFG. They lie where a PC's firmware puts them, from {@link #BASE} on and below {@link #END}; a guest must not hand
 * out that range as free memory.
 */
public final class AcpiTables {

    /** Physical address of the RSDP, and of the range that the tables occupy. */
    public static final long BASE = 0xe_0000L;

    /** The first address after the range where firmware tables may lie on a PC. */
    public static final long END = 0x10_0000L;

    private static final long XSDT = BASE + 0x100;
    private static final long FADT = BASE + 0x200;
    private static final long DSDT = BASE + 0x400;
    private static final long MADT = BASE + 0x500;
    private static final long MCFG = BASE + 0x700;

    private static final int HEADER = 36;
    private static final int RSDP_BYTES = 36;
    private static final int FADT_BYTES = 276;
    private static final int MCFG_BYTES = 60;

    private static final int LAPIC = 0xfee0_0000;
    private static final int IOAPIC = 0xfec0_0000;
    private static final int HW_REDUCED = 1 << 20;

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment ram;
    private final long ecamBase;
    private final List<FirmwareMischief> mischief;

    private AcpiTables(MemorySegment ram, long ecamBase, List<FirmwareMischief> mischief) {
        this.ram = ram;
        this.ecamBase = ecamBase;
        this.mischief = mischief;
    }

    /**
     * Writes the tables.
     *
     * @param ram memory from address 0 on, at least 1 MiB
     * @param ecamBase where the enhanced configuration space of segment 0, buses 0 to 255, lies
     * @param mischief what is wrong with them
     */
    public static void write(MemorySegment ram, long ecamBase, List<FirmwareMischief> mischief) {
        AcpiTables tables = new AcpiTables(ram, ecamBase, mischief);
        tables.dsdt();
        tables.fadt();
        tables.madt();
        tables.mcfg();
        tables.xsdt();
        tables.rsdp();
    }

    private void rsdp() {
        text(BASE, "RSD PTR ");
        text(BASE + 9, "POSTRN");
        byte8(BASE + 15, 2);
        ram.set(LE32, BASE + 20, RSDP_BYTES);
        ram.set(LE64, BASE + 24, XSDT);
        // The first sum covers the 20 bytes of revision 0, the second all of it.
        sum(BASE, 20, BASE + 8);
        sum(BASE, RSDP_BYTES, BASE + 32);
        if (mischief.contains(new BadChecksum("RSD PTR"))) {
            spoil(BASE + 8);
        }
    }

    private void xsdt() {
        ram.set(LE64, XSDT + HEADER, FADT);
        ram.set(LE64, XSDT + HEADER + 8, MADT);
        ram.set(LE64, XSDT + HEADER + 16, MCFG);
        finish(XSDT, "XSDT", 1, HEADER + 24);
    }

    private void fadt() {
        ram.set(LE32, FADT + 40, (int) DSDT);
        // A machine without legacy devices, VGA, PS/2 controller or CMOS clock; no MSI restriction, no ASPM.
        ram.set(LE16, FADT + 109, (short) 0x34);
        ram.set(LE32, FADT + 112, HW_REDUCED);
        byte8(FADT + 131, 5);
        ram.set(LE64, FADT + 140, DSDT);
        finish(FADT, "FACP", 6, FADT_BYTES);
    }

    private void dsdt() {
        finish(DSDT, "DSDT", 2, HEADER);
    }

    private void madt() {
        ram.set(LE32, MADT + HEADER, LAPIC);
        ram.set(LE32, MADT + HEADER + 4, 1);
        long at = MADT + HEADER + 8;
        // Local APIC 0 of processor 0, enabled.
        entry(at, 0, 8);
        ram.set(LE32, at + 4, 1);
        at += 8;
        // The I/O APIC serves GSIs from 0 on.
        entry(at, 1, 12);
        ram.set(LE32, at + 4, IOAPIC);
        at += 12;
        at = override(at, 0, 2, 0);
        // PCI interrupts are active high and level triggered here, as on QEMU's PC machines.
        for (int isa : new int[] {5, 9, 10, 11}) {
            at = override(at, isa, isa, 0x0d);
        }
        if (mischief.contains(new ZeroLengthEntry())) {
            byte8(MADT + HEADER + 8 + 1, 0);
        }
        finish(MADT, "APIC", 3, (int) (at - MADT));
    }

    private long override(long at, int source, int gsi, int flags) {
        entry(at, 2, 10);
        byte8(at + 3, source);
        ram.set(LE32, at + 4, gsi);
        ram.set(LE16, at + 8, (short) flags);
        return at + 10;
    }

    private void entry(long at, int type, int length) {
        byte8(at, type);
        byte8(at + 1, length);
    }

    private void mcfg() {
        long at = MCFG + HEADER + 8;
        ram.set(LE64, at, ecamBase);
        byte8(at + 11, 255);
        finish(MCFG, "MCFG", 1, MCFG_BYTES);
    }

    private void finish(long at, String signature, int revision, int length) {
        boolean truncated = mischief.contains(new TruncatedTable(signature));
        int said = truncated ? HEADER - 16 : length;
        text(at, signature);
        ram.set(LE32, at + 4, said);
        byte8(at + 8, revision);
        text(at + 10, "POSTRN");
        text(at + 16, "EMULATED");
        ram.set(LE32, at + 24, 1);
        text(at + 28, "PSTN");
        ram.set(LE32, at + 32, 1);
        sum(at, said, at + 9);
        if (mischief.contains(new BadChecksum(signature))) {
            spoil(at + 9);
        }
    }

    private void sum(long at, int length, long checksumAt) {
        byte8(checksumAt, 0);
        int total = 0;
        for (int i = 0; i < length; i++) {
            total += ram.get(ValueLayout.JAVA_BYTE, at + i);
        }
        byte8(checksumAt, -total);
    }

    private void spoil(long at) {
        byte8(at, ram.get(ValueLayout.JAVA_BYTE, at) + 1);
    }

    private void byte8(long at, int value) {
        ram.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    private void text(long at, String text) {
        MemorySegment.copy(MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)), 0, ram, at, text.length());
    }
}
