package dev.postern.firmware.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged tables end in one exception with one line, or in a valid result; nothing else is caught here. */
class AcpiFuzzTest {

    private static final int RSDP = 0;
    private static final int ROOT = 36;
    private static final int MCFG = ROOT + 52;
    private static final int MADT = MCFG + 60;
    private static final int END = MADT + TableBytes.madt().length;

    /** One page that ends the RAM; the tables are at its end, so that whatever reads on leaves RAM. */
    private final PhysicalMemory memory = FakeRam.memory(0x10000, 0x1000);

    private final MemorySegment ram = memory.regions().getFirst().segment();
    private final int first = 0x1000 - END;
    private final long base = 0x10000 + first;

    private byte[] image() {
        byte[] image = new byte[END];
        put(image, RSDP, TableBytes.rsdp(2, 0, base + ROOT));
        put(image, ROOT, TableBytes.xsdt(base + MCFG, base + MADT));
        put(image, MCFG, TableBytes.mcfg(0xb000_0000L, 0, 0, 255));
        put(image, MADT, TableBytes.madt());
        return image;
    }

    private static void put(byte[] image, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, image, at, bytes.length);
    }

    /** True for a valid result; any exception but the one allowed goes through and fails the test. */
    private boolean survives(byte[] image) {
        ram.asSlice(first, END).copyFrom(MemorySegment.ofArray(image));
        return valid(() -> {
            AcpiTables tables = AcpiTables.read(memory, base);
            tables.mcfg();
            tables.madt();
        });
    }

    private static boolean valid(Runnable parse) {
        try {
            parse.run();
            return true;
        } catch (AcpiException refused) {
            assertTrue(refused.getMessage().startsWith("ACPI: "), refused.getMessage());
            assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
            return false;
        }
    }

    @Test
    void theUndamagedImageIsValid() {
        assertTrue(survives(image()));
    }

    @Test
    void everyFlippedByteIsRefusedByAChecksum() {
        for (int at = 0; at < END; at++) {
            for (int flip = 1; flip < 256; flip++) {
                byte[] image = image();
                image[at] ^= (byte) flip;
                assertFalse(survives(image), "byte %d flipped by 0x%x".formatted(at, flip));
            }
        }
    }

    @Test
    void everyFlippedByteUnderARightChecksumIsHarmless() {
        for (byte[] table : List.of(TableBytes.mcfg(0xb000_0000L, 0, 0, 255), TableBytes.madt())) {
            int accepted = 0;
            for (int at = 0; at < table.length; at++) {
                for (int flip = 1; flip < 256; flip++) {
                    byte[] damaged = table.clone();
                    damaged[at] ^= (byte) flip;
                    TableBytes.fixed(damaged, 9, damaged.length);
                    if (parses(damaged)) {
                        accepted++;
                    }
                }
            }
            assertTrue(accepted > 0, "a right checksum must lead past the checksum");
        }
    }

    @Test
    void everyCutIsRefusedUnlessItsHeaderAgrees() {
        for (byte[] table : List.of(TableBytes.mcfg(0xb000_0000L, 0, 0, 255), TableBytes.madt())) {
            for (int length = 0; length < table.length; length++) {
                byte[] cut = Arrays.copyOf(table, length);
                assertFalse(parses(cut), "cut to " + length);
                if (length >= AcpiTable.HEADER_BYTES) {
                    cut[4] = (byte) length;
                    parses(TableBytes.fixed(cut, 9, length));
                }
            }
        }
    }

    @Test
    void everyCutOfRamIsRefused() {
        byte[] image = image();
        for (int lost = 1; lost < END; lost++) {
            // The same bytes, so far up that the last of them are beyond RAM.
            ram.fill((byte) 0);
            ram.asSlice(first + lost, END - lost)
                    .copyFrom(MemorySegment.ofArray(image).asSlice(0, END - lost));
            long moved = base + lost;
            assertFalse(valid(() -> AcpiTables.read(memory, moved)), "cut by " + lost);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomBodiesUnderRightHeadersAreHarmless(long seed) {
        Random random = new Random(seed);
        for (int turn = 0; turn < 5000; turn++) {
            byte[] body = new byte[random.nextInt(120)];
            random.nextBytes(body);
            for (int i = 0; i < body.length; i++) {
                // Small numbers make entries that are nearly right.
                body[i] = random.nextBoolean() ? (byte) random.nextInt(17) : body[i];
            }
            for (String signature : List.of("APIC", "MCFG")) {
                parses(TableBytes.table(signature, body));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomRootTablesAreHarmless(long seed) {
        Random random = new Random(seed);
        for (int turn = 0; turn < 2000; turn++) {
            byte[] image = image();
            long near = base + random.nextInt(-0x40, END + 0x40);
            put(image, ROOT, TableBytes.xsdt(near, random.nextInt(4) == 0 ? random.nextLong() : base + MADT));
            survives(image);
        }
        assertEquals(0, ram.get(ValueLayout.JAVA_BYTE, 0), "nothing is ever written");
    }

    private static boolean parses(byte[] table) {
        return valid(() -> {
            AcpiTables tables = AcpiTables.of(List.of(table));
            tables.mcfg();
            tables.madt();
        });
    }
}
