package dev.postern.firmware.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcpiTablesTest {

    private static final int RSDP = 0x1000;
    private static final int ROOT = 0x1040;
    private static final int MCFG = 0x1201;
    private static final int MADT = 0x1300;

    private final PhysicalMemory memory = FakeRam.memory(0, 0x4000);
    private final MemorySegment ram = memory.regions().getFirst().segment();

    @BeforeEach
    void putTables() {
        TableBytes.put(ram, RSDP, TableBytes.rsdp(2, 0, ROOT));
        TableBytes.put(ram, ROOT, TableBytes.xsdt(MCFG, MADT));
        TableBytes.put(ram, MCFG, TableBytes.mcfg(0xb000_0000L, 0, 0, 255));
        TableBytes.put(ram, MADT, TableBytes.madt());
    }

    private String refusal() {
        return assertThrows(AcpiException.class, () -> AcpiTables.read(memory, RSDP))
                .getMessage();
    }

    @Test
    void tablesAreFoundThroughAnXsdt() {
        AcpiTables tables = AcpiTables.read(memory, RSDP);
        assertEquals(
                List.of("MCFG at 0x1201", "APIC at 0x1300"),
                tables.tables().stream().map(AcpiTable::toString).toList());
        assertEquals(
                List.of(new Mcfg.Segment(0xb000_0000L, 0, 0, 255)),
                tables.mcfg().orElseThrow().segments());
        assertEquals(
                List.of(
                        new PhysRange(RSDP, 36),
                        new PhysRange(ROOT, 52),
                        new PhysRange(MCFG, 60),
                        new PhysRange(MADT, TableBytes.madt().length)),
                tables.ranges());
    }

    @Test
    void tablesAreFoundThroughAnRsdtWhenTheRootPointerIsOldOrHasNoXsdt() {
        TableBytes.put(ram, ROOT, TableBytes.rsdt(MADT));
        TableBytes.put(ram, RSDP, TableBytes.rsdp(0, ROOT, 0));
        assertTrue(AcpiTables.read(memory, RSDP).madt().isPresent());
        TableBytes.put(ram, RSDP, TableBytes.rsdp(2, ROOT, 0));
        assertTrue(AcpiTables.read(memory, RSDP).madt().isPresent());
        assertFalse(AcpiTables.read(memory, RSDP).mcfg().isPresent());
    }

    @Test
    void theInterruptControllersAreRead() {
        Madt madt = AcpiTables.read(memory, RSDP).madt().orElseThrow();
        assertEquals(0xfee0_0000L, madt.localApicPa());
        assertEquals(List.of(new Madt.LocalApic(7, 1, 1), new Madt.LocalApic(8, 0x101, 1)), madt.localApics());
        assertEquals(List.of(new Madt.IoApic(2, 0xfec0_0000L, 16)), madt.ioApics());
        assertEquals(List.of(new Madt.InterruptOverride(9, 9, 13)), madt.overrides());
    }

    @Test
    void tablesAtHandNeedNoRootPointer() {
        byte[] withRest = Arrays.copyOf(TableBytes.mcfg(0x1000_0000, 0, 2, 3), 100);
        AcpiTables tables = AcpiTables.of(List.of(withRest));
        Mcfg.Segment segment = tables.mcfg().orElseThrow().segments().getFirst();
        assertEquals(0x1020_0000, segment.windowPa());
        assertEquals(0x20_0000, segment.windowBytes());
        assertEquals("MCFG (given as bytes)", tables.tables().getFirst().toString());
        assertEquals(60, tables.tables().getFirst().length());
    }

    @Test
    void aWrongChecksumIsNamed() {
        ram.set(ValueLayout.JAVA_BYTE, MCFG + 50, (byte) 0x13);
        assertEquals(
                "ACPI: MCFG at 0x1201: checksum is 0x13 off; the table is damaged or its length is wrong", refusal());
    }

    @Test
    void aPointerOutsideRamIsNamed() {
        TableBytes.put(ram, ROOT, TableBytes.xsdt(MCFG, 0xffff_ffff_ffff_fff0L));
        assertEquals(
                "ACPI: table listed at XSDT+44: its address 0xfffffffffffffff0 is not inside RAM (0x0-0x3fff)",
                refusal());
        TableBytes.put(ram, RSDP, TableBytes.rsdp(2, 0, 0x3fff));
        assertEquals("ACPI: XSDT: its address 0x3fff is not inside RAM (0x0-0x3fff)", refusal());
        assertThrows(AcpiException.class, () -> AcpiTables.read(memory, -1));
        assertThrows(AcpiException.class, () -> AcpiTables.read(memory, 0x3ff0));
    }

    @Test
    void aRootTableThatListsItselfEndsAndIsJustATable() {
        TableBytes.put(ram, ROOT, TableBytes.xsdt(ROOT, ROOT));
        assertEquals(2, AcpiTables.read(memory, RSDP).tables().size());
    }

    @Test
    void aTableThatIsNotTheRootTableIsNotTakenForIt() {
        TableBytes.put(ram, RSDP, TableBytes.rsdp(2, 0, MADT));
        assertEquals("ACPI: APIC at 0x1300: the RSDP at 0x1000 says this is the XSDT", refusal());
    }

    @Test
    void aRootTableOfOddLengthIsRefused() {
        TableBytes.put(ram, ROOT, TableBytes.table("XSDT", new byte[12]));
        assertEquals(
                "ACPI: XSDT at 0x1040: its 12 bytes of entries are not at most 1024 entries of 8 bytes", refusal());
    }

    @Test
    void aLengthThatLeavesRamIsRefused() {
        byte[] table = TableBytes.madt();
        table[5] = 0x40;
        TableBytes.put(ram, MADT, table);
        assertEquals(
                "ACPI: table listed at XSDT+44 at 0x1300: length is %d, but only 11520 bytes are there"
                        .formatted(0x4000 + table.length),
                refusal());
    }

    @Test
    void anEntryOfLengthZeroEndsTheParse() {
        byte[] body = new byte[8 + 4];
        body[8] = 0x7f;

        AcpiTables tables = AcpiTables.of(List.of(TableBytes.table("APIC", body)));
        AcpiException error = assertThrows(AcpiException.class, tables::madt);
        assertEquals(
                "ACPI: APIC (given as bytes): the entry of type 127 at offset 44 has length 0; it needs 2 and 4 are"
                        + " left",
                error.getMessage());
    }

    @Test
    void busesThatDescendAreRefused() {
        AcpiTables tables = AcpiTables.of(List.of(TableBytes.mcfg(0xb000_0000L, 0, 9, 8)));
        assertTrue(assertThrows(AcpiException.class, tables::mcfg).getMessage().contains("buses 9 to 8"));
    }

    @Test
    void readingPastTheEndNamesTheTable() {
        AcpiTable table = AcpiTables.read(memory, RSDP).table("MCFG").orElseThrow();
        assertEquals(1, table.revision());
        AcpiException error = assertThrows(AcpiException.class, () -> table.read64(53));
        assertEquals("ACPI: MCFG at 0x1201: it ends at byte 60, before the 8 bytes at offset 53", error.getMessage());
        assertThrows(AcpiException.class, () -> table.read8(-1));
    }
}
