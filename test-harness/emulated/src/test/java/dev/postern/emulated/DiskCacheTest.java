package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volatile and stable writes, and what a power cut leaves. */
class DiskCacheTest {

    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int FLUSH = 4;

    private static final int WRITEBACK = 32;

    private static final long WCE = 1L << DiskFeature.CONFIG_WCE;

    @TempDir
    Path folder;

    private static EmulatedMachine machine(DiskOptions options) {
        return EmulatedMachine.builder()
                .device(SeededDisk.of(1 << 20, 42)
                        .id("d0")
                        .options(options.cache(WriteCache.VOLATILE))
                        .virtio(VirtioOptions.DEFAULTS.offer(DiskFeature.CONFIG_WCE, DiskFeature.WRITE_ZEROES)))
                .build();
    }

    private static void write(PokedDevice disk, long sector, int value) {
        disk.ram.asSlice(disk.data(), 512).fill((byte) value);
        assertEquals(0, disk.request(OUT, sector, 512));
    }

    private static int firstByte(PokedDevice disk, long sector) {
        assertEquals(0, disk.request(IN, sector, 512));
        return disk.data(1)[0];
    }

    @Test
    void whatWasNotFlushedIsLostWhenThePowerIsCut() {
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.FLUSH);
            write(disk, 1, 1);
            assertEquals(0, disk.request(FLUSH, 0, 0));
            write(disk, 1, 2);
            write(disk, 2, 2);
            assertEquals(2, firstByte(disk, 1), "before the cut the guest reads what it wrote");
            int original;
            try (EmulatedMachine untouched = machine(DiskOptions.DEFAULTS)) {
                original = firstByte(PokedDevice.first(untouched, 2).start(PokedDevice.VERSION_1), 2);
            }
            machine.disk("d0").cutPower();
            assertEquals(1, firstByte(disk, 1));
            assertEquals(original, firstByte(disk, 2));
        }
    }

    /** Whether a completed write survives, by what was offered, negotiated and chosen (blk:995 to 1005). */
    @ParameterizedTest
    @CsvSource({
        // flush, config_wce, first mode, writeback written, survives
        "false, false, WRITEBACK, , true",
        "true, false, WRITEBACK, , false",
        "true, true, WRITEBACK, , false",
        "true, true, WRITEBACK, 0, true",
        "true, true, WRITETHROUGH, , true",
        "true, true, WRITETHROUGH, 1, false",
        "false, true, WRITEBACK, , true",
        "true, false, WRITETHROUGH, , true"
    })
    void aWriteIsStableWhereTheModeSaysSo(
            boolean flush, boolean wce, CacheMode first, Integer written, boolean survives) {
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS.firstMode(first))) {
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .start(PokedDevice.VERSION_1 | (flush ? PokedDevice.FLUSH : 0) | (wce ? WCE : 0));
            if (written != null) {
                machine.registers().write8(disk.config + WRITEBACK, written);
                assertEquals(written, machine.registers().read8(disk.config + WRITEBACK));
            } else if (wce) {
                int expected = first == CacheMode.WRITEBACK && flush ? 1 : 0;
                assertEquals(expected, machine.registers().read8(disk.config + WRITEBACK));
            }
            int before = firstByte(disk, 5);
            write(disk, 5, before + 1);
            machine.disk("d0").cutPower();
            assertEquals((byte) (survives ? before + 1 : before), firstByte(disk, 5));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void theModeIsTheFirstOneAgainAfterAReset() {
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.FLUSH | WCE);
            machine.registers().write8(disk.config + WRITEBACK, 0);
            disk.start(PokedDevice.VERSION_1 | PokedDevice.FLUSH | WCE);
            assertEquals(1, machine.registers().read8(disk.config + WRITEBACK));
        }
    }

    @Test
    void writebackIsReadAndWrittenByThoseWhoMay() {
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.reset();
            machine.registers().read8(disk.config + WRITEBACK);
            assertEquals(List.of("blk:293"), Guests.clauses(machine));
            disk.start(PokedDevice.VERSION_1 | PokedDevice.FLUSH);
            machine.registers().write8(disk.config + WRITEBACK, 0);
            machine.registers().write32(disk.config, 0);
            assertEquals(List.of("blk:293", "blk:900", "blk:900"), Guests.clauses(machine));
            assertEquals(2048, machine.registers().read32(disk.config), "the capacity is no such field");
        }
    }

    @Test
    void aDiskWithoutACacheOfItsOwnHasNothingToLose() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            Disk disk = machine.disk("d0");
            assertTrue(assertThrows(IllegalStateException.class, disk::cutPower)
                    .getMessage()
                    .contains("WriteCache.VOLATILE"));
        }
    }

    @Test
    void aMachineThatIsClosedWritesWhatItsDiskHolds() throws IOException {
        Path image = Files.write(folder.resolve("disk.img"), new byte[8192]);
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(FileDisk.of(image).options(DiskOptions.DEFAULTS.cache(WriteCache.VOLATILE)))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.FLUSH);
            write(disk, 3, 9);
            assertArrayEquals(new byte[8192], Files.readAllBytes(image), "it is in the disk's cache");
        }
        byte[] expected = new byte[8192];
        Arrays.fill(expected, 3 * 512, 4 * 512, (byte) 9);
        assertArrayEquals(expected, Files.readAllBytes(image));
    }

    @Test
    void anyOrderOfWritesFlushesAndCutsAgreesWithAModel() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int sectors = 8;
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS)) {
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .start(PokedDevice.VERSION_1 | PokedDevice.FLUSH | 1L << DiskFeature.WRITE_ZEROES);
            byte[] stable = new byte[sectors];
            byte[] visible = new byte[sectors];
            for (int i = 0; i < sectors; i++) {
                write(disk, i, i);
                stable[i] = visible[i] = (byte) i;
            }
            assertEquals(0, disk.request(FLUSH, 0, 0));
            for (int turn = 0; turn < 500; turn++) {
                int sector = random.nextInt(sectors);
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        visible[sector] = (byte) random.nextInt();
                        write(disk, sector, visible[sector]);
                    }
                    case 2 -> {
                        assertEquals(0, disk.range(0, sector, 1, 0).request(13, 0, 16));
                        visible[sector] = 0;
                    }
                    case 3 -> {
                        assertEquals(0, disk.request(FLUSH, 0, 0));
                        stable = visible.clone();
                    }
                    default -> {
                        machine.disk("d0").cutPower();
                        visible = stable.clone();
                    }
                }
                for (int i = 0; i < sectors; i++) {
                    assertEquals(visible[i], firstByte(disk, i), "turn %d of seed %d".formatted(turn, seed));
                }
            }
        }
    }
}
