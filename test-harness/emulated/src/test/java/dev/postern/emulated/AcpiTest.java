package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.BadChecksum;
import dev.postern.emulated.mischief.FirmwareMischief;
import dev.postern.emulated.mischief.TruncatedTable;
import dev.postern.emulated.mischief.ZeroLengthEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AcpiTest {

    private static EmulatedMachine machine(FirmwareMischief... mischief) {
        MachineBuilder builder = EmulatedMachine.builder();
        List.of(mischief).forEach(builder::mischief);
        return builder.build();
    }

    private static int get8(MemorySegment ram, long at) {
        return ram.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    private static int get32(MemorySegment ram, long at) {
        return ram.get(ValueLayout.JAVA_INT_UNALIGNED, at);
    }

    private static long get64(MemorySegment ram, long at) {
        return ram.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    }

    private static String text(MemorySegment ram, long at, int length) {
        return new String(ram.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private static int sum(MemorySegment ram, long at, int length) {
        int total = 0;
        for (int i = 0; i < length; i++) {
            total += get8(ram, at + i);
        }
        return total & 0xff;
    }

    /** The tables by signature, DSDT included. */
    private static Map<String, Long> tables(EmulatedMachine machine) {
        MemorySegment ram = machine.ram().getFirst().segment();
        long root = machine.acpiRootPa().orElseThrow();
        Map<String, Long> found = new HashMap<>();
        long xsdt = get64(ram, root + 24);
        found.put("XSDT", xsdt);
        for (long at = xsdt + 36; at < xsdt + get32(ram, xsdt + 4); at += 8) {
            found.put(text(ram, get64(ram, at), 4), get64(ram, at));
        }
        found.put("DSDT", get64(ram, found.get("FACP") + 140));
        return found;
    }

    @Test
    void everyTableIsCompleteAndAddsUp() {
        try (EmulatedMachine machine = machine()) {
            MemorySegment ram = machine.ram().getFirst().segment();
            long root = machine.acpiRootPa().orElseThrow();
            assertEquals("RSD PTR ", text(ram, root, 8));
            assertEquals(2, get8(ram, root + 15));
            assertEquals(0, sum(ram, root, 20));
            assertEquals(0, sum(ram, root, get32(ram, root + 20)));
            Map<String, Long> tables = tables(machine);
            assertEquals(java.util.Set.of("XSDT", "FACP", "APIC", "MCFG", "DSDT"), tables.keySet());
            tables.forEach((signature, at) -> {
                int length = get32(ram, at + 4);
                assertEquals(signature, text(ram, at, 4));
                assertEquals(0, sum(ram, at, length), signature);
                assertTrue(at >= 0xe_0000 && at + length <= 0x10_0000, signature);
            });
        }
    }

    @Test
    void tablesDoNotOverlap() {
        try (EmulatedMachine machine = machine()) {
            MemorySegment ram = machine.ram().getFirst().segment();
            List<long[]> ranges = new ArrayList<>();
            tables(machine).values().forEach(at -> ranges.add(new long[] {at, at + get32(ram, at + 4)}));
            ranges.add(new long[] {0xe_0000, 0xe_0000 + 36});
            ranges.sort((a, b) -> Long.compare(a[0], b[0]));
            for (int i = 1; i < ranges.size(); i++) {
                assertTrue(ranges.get(i - 1)[1] <= ranges.get(i)[0]);
            }
        }
    }

    @Test
    void mcfgNamesTheWindowThatAnswers() {
        try (EmulatedMachine machine = machine()) {
            MemorySegment ram = machine.ram().getFirst().segment();
            long mcfg = tables(machine).get("MCFG");
            assertEquals(60, get32(ram, mcfg + 4));
            long base = get64(ram, mcfg + 44);
            assertEquals(0, get8(ram, mcfg + 54));
            assertEquals(255, get8(ram, mcfg + 55));
            assertEquals(0x29c0_8086, machine.registers().read32(base));
        }
    }

    @Test
    void theMadtHasOneProcessorAndOneController() {
        try (EmulatedMachine machine = machine()) {
            MemorySegment ram = machine.ram().getFirst().segment();
            long madt = tables(machine).get("APIC");
            assertEquals(0xfee0_0000, get32(ram, madt + 36));
            List<Integer> types = new ArrayList<>();
            long at = madt + 44;
            while (at < madt + get32(ram, madt + 4)) {
                int type = get8(ram, at);
                types.add(type);
                if (type == 1) {
                    assertEquals(0xfec0_0000, get32(ram, at + 4));
                    assertEquals(0, get32(ram, at + 8));
                }
                at += get8(ram, at + 1);
            }
            assertEquals(madt + get32(ram, madt + 4), at);
            assertEquals(List.of(0, 1, 2, 2, 2, 2, 2), types);
        }
    }

    @Test
    void aBadChecksumIsBad() {
        for (String signature : List.of("XSDT", "APIC", "MCFG", "FACP", "DSDT")) {
            try (EmulatedMachine machine = machine(new BadChecksum(signature))) {
                MemorySegment ram = machine.ram().getFirst().segment();
                long at = tables(machine).get(signature);
                assertNotEquals(0, sum(ram, at, get32(ram, at + 4)), signature);
            }
        }
        try (EmulatedMachine machine = machine(new BadChecksum("RSD PTR"))) {
            MemorySegment ram = machine.ram().getFirst().segment();
            assertNotEquals(0, sum(ram, machine.acpiRootPa().orElseThrow(), 20));
        }
    }

    @Test
    void aTruncatedTableEndsInItsHeader() {
        try (EmulatedMachine machine = machine(new TruncatedTable("MCFG"))) {
            MemorySegment ram = machine.ram().getFirst().segment();
            long at = tables(machine).get("MCFG");
            assertTrue(get32(ram, at + 4) < 36);
            assertEquals(0, sum(ram, at, get32(ram, at + 4)));
        }
    }

    @Test
    void aZeroLengthEntryHasNoLength() {
        try (EmulatedMachine machine = machine(new ZeroLengthEntry())) {
            MemorySegment ram = machine.ram().getFirst().segment();
            long madt = tables(machine).get("APIC");
            assertEquals(0, get8(ram, madt + 45));
            assertEquals(0, sum(ram, madt, get32(ram, madt + 4)));
        }
    }
}
