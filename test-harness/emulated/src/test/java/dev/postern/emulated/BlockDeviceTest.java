package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockDeviceTest {

    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int FLUSH = 4;
    private static final int GET_ID = 8;

    @TempDir
    Path folder;

    private Path image(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(3).nextBytes(content);
        return Files.write(folder.resolve("disk.img"), content);
    }

    @Test
    void aWriteChangesTheFileThereAndNowhereElse() throws IOException {
        Path image = image(16 * 512);
        byte[] expected = Files.readAllBytes(image);
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(FileDisk.of(image).id("d0")).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.FLUSH);
            disk.ram.asSlice(disk.data(), 1024).fill((byte) 0x5a);
            assertEquals(0, disk.request(OUT, 5, 1024));
            assertEquals(1, disk.usedLength(0), "only the status was written");
            assertEquals(0, disk.request(FLUSH, 0, 0));
            disk.ram.asSlice(disk.data(), 1024).fill((byte) 0);
            assertEquals(0, disk.request(IN, 5, 1024));
            assertEquals(1025, disk.usedLength(2));
            assertEquals(0x5a, disk.data(1024)[1023]);
            assertEquals(
                    new DiskCounters(1, 1, 1, 0, 0, 0, 0, 0, 0, 0),
                    machine.disk("d0").counters());
            assertEquals(List.of(), machine.guestErrors());
        }
        Arrays.fill(expected, 5 * 512, 7 * 512, (byte) 0x5a);
        assertArrayEquals(expected, Files.readAllBytes(image));
    }

    @Test
    void aReadOnlyDiskSaysSoAndRefusesWrites() throws IOException {
        Path image = image(4 * 512);
        byte[] before = Files.readAllBytes(image);
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(FileDisk.of(image).ro()).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(1 << 5, disk.offered() & 1 << 5);
            disk.start(PokedDevice.VERSION_1 | 1 << 5);
            assertEquals(1, disk.request(OUT, 0, 512));
            assertEquals(0, disk.request(IN, 0, 512));
            assertArrayEquals(Arrays.copyOf(before, 512), disk.data(512));
        }
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void aSeededDiskKeepsWhatWasWrittenAndNothingElseChanges() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.ram.asSlice(disk.data(), 512).fill((byte) 9);
            assertEquals(0, disk.request(OUT, 1, 512));
            assertEquals(0, disk.request(IN, 0, 1536));
            byte[] expected = new byte[1536];
            SeededContent.fill(42, 0, MemorySegment.ofArray(expected));
            Arrays.fill(expected, 512, 1024, (byte) 9);
            assertArrayEquals(expected, disk.data(1536));
        }
    }

    @Test
    void seededContentDoesNotDependOnWhereItIsCut() {
        byte[] whole = new byte[1000];
        SeededContent.fill(5, 100, MemorySegment.ofArray(whole));
        for (int cut = 0; cut < 40; cut++) {
            byte[] parts = new byte[1000];
            MemorySegment segment = MemorySegment.ofArray(parts);
            SeededContent.fill(5, 100, segment.asSlice(0, cut));
            SeededContent.fill(5, 100 + cut, segment.asSlice(cut));
            assertArrayEquals(whole, parts, "cut at " + cut);
        }
    }

    @Test
    void theIdIsTheSerialPaddedWithZeros() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(SeededDisk.of(512, 1).options(DiskOptions.DEFAULTS.serial("SER-1")))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(GET_ID, 0, 20));
            assertArrayEquals(Arrays.copyOf("SER-1".getBytes(StandardCharsets.US_ASCII), 20), disk.data(20));
            assertEquals(21, disk.usedLength(0));
        }
    }

    @Test
    void transfersBeyondTheEndFail() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(IN, 2047, 512));
            assertEquals(1, disk.request(IN, 2047, 1024));
            assertEquals(1, disk.request(IN, 2048, 512));
            assertEquals(1, disk.request(IN, -1, 512));
            assertEquals(1, disk.request(IN, Long.MAX_VALUE, 512));
            assertEquals(1, disk.request(OUT, 1L << 55, 512));
            assertEquals(List.of("blk:871", "blk:871", "blk:871", "blk:871", "blk:871"), Guests.clauses(machine));
            assertEquals(5, machine.disk("d0").counters().errors());
        }
    }

    @Test
    void aFailedReadDeliversZerosAndCoversTheStatus() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.ram.asSlice(disk.data(), 512).fill((byte) 0x77);
            assertEquals(1, disk.request(IN, 4096, 512));
            assertArrayEquals(new byte[512], disk.data(512));
            assertEquals(513, disk.usedLength(0));
        }
    }

    @Test
    void partsOfSectorsFail() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(1, disk.request(IN, 0, 511));
            assertEquals(List.of("blk:879"), Guests.clauses(machine));
        }
    }

    @Test
    void unknownTypesAreUnsupported() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            for (int type : new int[] {2, 5, 11, 13, 16, -1}) {
                assertEquals(2, disk.request(type, 0, 512), "type " + type);
            }
            assertEquals(6, machine.disk("d0").counters().unsupported());
        }
    }

    @Test
    void headerDataAndStatusMayBeCutAnywhere() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.header(IN, 3);
            int rw = PokedDevice.NEXT | PokedDevice.WRITE;
            disk.descriptor(0, disk.header(), 5, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.header() + 5, 11, PokedDevice.NEXT, 2);
            disk.descriptor(2, disk.data(), 100, rw, 3);
            // The status shares a descriptor with the end of the data.
            disk.descriptor(3, disk.data() + 1000, 413, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            disk.waitUsed(1);
            byte[] expected = new byte[512];
            SeededContent.fill(42, 3 * 512, MemorySegment.ofArray(expected));
            byte[] got = disk.data(1413);
            assertArrayEquals(Arrays.copyOf(expected, 100), Arrays.copyOf(got, 100));
            assertArrayEquals(Arrays.copyOfRange(expected, 100, 512), Arrays.copyOfRange(got, 1000, 1412));
            assertEquals(0, got[1412]);
            assertEquals(513, disk.usedLength(0));
        }
    }

    @Test
    void aFileThatShrankFailsReads() throws IOException {
        Path image = image(8 * 512);
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(FileDisk.of(image)).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            try (var channel = java.nio.channels.FileChannel.open(image, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(512);
            }
            assertEquals(0, disk.request(IN, 0, 512));
            assertEquals(1, disk.request(IN, 4, 512));
            assertEquals(List.of(), machine.guestErrors(), "no fault of the guest");
        }
    }

    @Test
    void aRaisedCapacityDoesNotGrowTheImage() throws IOException {
        Path image = image(8 * 512);
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(FileDisk.of(image).id("d0")).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            machine.disk("d0").changeCapacity(16 * 512);
            assertEquals(1, disk.request(OUT, 12, 512));
        }
        assertEquals(8 * 512, Files.size(image));
    }

    @Test
    void severalQueuesServeTheSameDisk() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(SeededDisk.of(1 << 20, 42).options(DiskOptions.DEFAULTS.queues(4)))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(1 << 12, disk.offered() & 1 << 12);
            assertEquals(4, machine.registers().read16(disk.config + 34));
            assertEquals(4, machine.registers().read16(disk.common + 18));
            disk.start(PokedDevice.VERSION_1 | 1 << 12);
            assertEquals(0, disk.request(IN, 0, 512));
        }
    }
}
