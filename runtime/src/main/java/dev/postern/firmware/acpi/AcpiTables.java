package dev.postern.firmware.acpi;

import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tables that the root table lists, each copied and checked.
 *
 * <p><b>Threads:</b> immutable. <b>Errors:</b> any malformed table is an {@link AcpiException}, whether it is wanted or
 * not: firmware that got one table wrong is not believed about the others.
 */
public final class AcpiTables {

    /** More than any machine lists; a longer root table is a mistake or an attack. */
    private static final int MAXIMUM_TABLES = 1024;

    private static final ValueLayout.OfInt LENGTH = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final List<AcpiTable> tables;
    private final List<PhysRange> ranges;

    private AcpiTables(List<AcpiTable> tables, List<PhysRange> ranges) {
        this.tables = List.copyOf(tables);
        this.ranges = List.copyOf(ranges);
    }

    /**
     * Reads root pointer, root table and all that it lists.
     *
     * @param memory the RAM
     * @param rsdpPa guest-physical address of the root pointer
     * @throws AcpiException if something is malformed or not in RAM
     */
    public static AcpiTables read(PhysicalMemory memory, long rsdpPa) {
        RootPointer pointer = RootPointer.read(memory, rsdpPa);
        List<PhysRange> ranges = new ArrayList<>();
        ranges.add(new PhysRange(rsdpPa, pointer.length()));
        AcpiTable root = load(memory, pointer.tableName(), pointer.tablePa());
        ranges.add(new PhysRange(root.pa(), root.length()));
        if (!root.signature().equals(pointer.tableName())) {
            throw root.malformed("the RSDP at 0x%x says this is the %s".formatted(rsdpPa, pointer.tableName()));
        }
        int listBytes = root.length() - AcpiTable.HEADER_BYTES;
        if (listBytes % pointer.entryBytes() != 0 || listBytes / pointer.entryBytes() > MAXIMUM_TABLES) {
            throw root.malformed("its %d bytes of entries are not at most %d entries of %d bytes"
                    .formatted(listBytes, MAXIMUM_TABLES, pointer.entryBytes()));
        }
        List<AcpiTable> tables = new ArrayList<>();
        for (int offset = AcpiTable.HEADER_BYTES; offset < root.length(); offset += pointer.entryBytes()) {
            long pa = pointer.entryBytes() == 8 ? root.read64(offset) : Integer.toUnsignedLong(root.read32(offset));
            AcpiTable table = load(memory, "table listed at %s+%d".formatted(pointer.tableName(), offset), pa);
            tables.add(table);
            ranges.add(new PhysRange(pa, table.length()));
        }
        return new AcpiTables(tables, ranges);
    }

    /**
     * Takes tables that are already at hand, without root pointer and root table.
     *
     * @param blobs one table each; bytes after a table's own length are ignored
     * @throws AcpiException if one is malformed
     */
    public static AcpiTables of(List<byte[]> blobs) {
        return new AcpiTables(
                blobs.stream()
                        .map(blob -> AcpiTable.checked(AcpiTable.NOWHERE, blob.clone()))
                        .toList(),
                List.of());
    }

    /** All tables, in the order of the root table; signature, address and length of each are for the log. */
    public List<AcpiTable> tables() {
        return tables;
    }

    /** Where root pointer, root table and tables lie in RAM, to be kept from the frame allocator. */
    public List<PhysRange> ranges() {
        return ranges;
    }

    /** The first table of that signature. */
    public Optional<AcpiTable> table(String signature) {
        return tables.stream()
                .filter(table -> table.signature().equals(signature))
                .findFirst();
    }

    /**
     * Where the configuration space of PCI is.
     *
     * @throws AcpiException if the table is malformed inside
     */
    public Optional<Mcfg> mcfg() {
        return table(Mcfg.SIGNATURE).map(Mcfg::parse);
    }

    /**
     * Which interrupt controllers there are.
     *
     * @throws AcpiException if the table is malformed inside
     */
    public Optional<Madt> madt() {
        return table(Madt.SIGNATURE).map(Madt::parse);
    }

    private static AcpiTable load(PhysicalMemory memory, String name, long pa) {
        if (!memory.contains(pa, AcpiTable.HEADER_BYTES)) {
            throw new AcpiException("ACPI: %s: its address 0x%x is not inside RAM (%s)".formatted(name, pa, memory));
        }
        RamRegion region = memory.regionOf(pa, AcpiTable.HEADER_BYTES);
        MemorySegment rest = region.segment().asSlice(pa - region.basePa());
        int said = rest.get(LENGTH, 4);
        int length = AcpiTable.checkedLength(name + " at 0x%x".formatted(pa), said, rest.byteSize());
        // From here on only the copy is looked at; a length that changes meanwhile is caught by checking it again
        // there.
        return AcpiTable.checked(pa, rest.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
