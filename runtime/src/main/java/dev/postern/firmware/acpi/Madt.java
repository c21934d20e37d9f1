package dev.postern.firmware.acpi;

import java.util.ArrayList;
import java.util.List;

/**
 * The interrupt controllers of a PC, from the table with the signature APIC. Entries of other kinds are skipped.
 *
 * @param localApicPa where the processors see their local APIC
 * @param localApics one for each processor
 * @param ioApics controllers with lines
 * @param overrides ISA interrupts that are not the global interrupt of the same number
 */
public record Madt(
        long localApicPa, List<LocalApic> localApics, List<IoApic> ioApics, List<InterruptOverride> overrides) {

    static final String SIGNATURE = "APIC";

    private static final int FIRST_ENTRY = 44;
    private static final int LOCAL_APIC = 0;
    private static final int IO_APIC = 1;
    private static final int INTERRUPT_OVERRIDE = 2;
    private static final int LOCAL_APIC_ADDRESS_OVERRIDE = 5;
    private static final int LOCAL_X2APIC = 9;

    /** Keeps its own copies of the lists. */
    public Madt {
        localApics = List.copyOf(localApics);
        ioApics = List.copyOf(ioApics);
        overrides = List.copyOf(overrides);
    }

    /**
     * A processor's local APIC or x2APIC.
     *
     * @param processorUid ACPI's number of the processor
     * @param apicId the number that interrupts are sent to, as an unsigned 32-bit number
     * @param flags bit 0: the processor is enabled
     */
    public record LocalApic(int processorUid, int apicId, int flags) {}

    /**
     * A controller with lines.
     *
     * @param id its APIC id
     * @param pa where its registers are
     * @param gsiBase global system interrupt of its first line
     */
    public record IoApic(int id, long pa, int gsiBase) {}

    /**
     * An ISA interrupt on another line.
     *
     * @param source ISA interrupt number, 0 to 255
     * @param gsi global system interrupt that it is
     * @param flags polarity in bits 0 and 1, trigger mode in bits 2 and 3
     */
    public record InterruptOverride(int source, int gsi, int flags) {}

    static Madt parse(AcpiTable table) {
        List<LocalApic> localApics = new ArrayList<>();
        List<IoApic> ioApics = new ArrayList<>();
        List<InterruptOverride> overrides = new ArrayList<>();
        long localApicPa = Integer.toUnsignedLong(table.read32(AcpiTable.HEADER_BYTES));
        table.read32(AcpiTable.HEADER_BYTES + 4);
        int offset = FIRST_ENTRY;
        while (offset < table.length()) {
            int type = table.read8(offset);
            int length = table.read8(offset + 1);
            if (length < leastLength(type) || length > table.length() - offset) {
                throw table.malformed("the entry of type %d at offset %d has length %d; it needs %d and %d are left"
                        .formatted(type, offset, length, leastLength(type), table.length() - offset));
            }
            switch (type) {
                case LOCAL_APIC ->
                    localApics.add(
                            new LocalApic(table.read8(offset + 2), table.read8(offset + 3), table.read32(offset + 4)));
                case IO_APIC ->
                    ioApics.add(new IoApic(
                            table.read8(offset + 2),
                            Integer.toUnsignedLong(table.read32(offset + 4)),
                            table.read32(offset + 8)));
                case INTERRUPT_OVERRIDE ->
                    overrides.add(new InterruptOverride(
                            table.read8(offset + 3), table.read32(offset + 4), table.read16(offset + 8)));
                case LOCAL_APIC_ADDRESS_OVERRIDE -> localApicPa = table.read64(offset + 4);
                case LOCAL_X2APIC ->
                    localApics.add(new LocalApic(
                            table.read32(offset + 12), table.read32(offset + 4), table.read32(offset + 8)));
                default -> {
                    // Non-maskable interrupt wiring, Arm and RISC-V controllers: nothing here asks for them.
                }
            }
            offset += length;
        }
        return new Madt(localApicPa, localApics, ioApics, overrides);
    }

    /** The length that an entry must have for its fields; an unknown one must at least lead on to the next. */
    private static int leastLength(int type) {
        return switch (type) {
            case LOCAL_APIC -> 8;
            case IO_APIC, LOCAL_APIC_ADDRESS_OVERRIDE -> 12;
            case INTERRUPT_OVERRIDE -> 10;
            case LOCAL_X2APIC -> 16;
            default -> 2;
        };
    }
}
