package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.emulated.mischief.DiskOperation;
import dev.postern.emulated.mischief.FailOperation;
import dev.postern.os.FileHoles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Discards, writes of zeros and secure erases. */
class DiskRangesTest {

    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int DISCARD = 11;
    private static final int WRITE_ZEROES = 13;
    private static final int SECURE_ERASE = 14;

    private static final int OK = 0;
    private static final int IOERR = 1;
    private static final int UNSUPP = 2;

    private static final int UNMAP = 1;

    private static final long ALL = PokedDevice.VERSION_1
            | PokedDevice.FLUSH
            | 1L << DiskFeature.DISCARD
            | 1L << DiskFeature.WRITE_ZEROES
            | 1L << DiskFeature.SECURE_ERASE;

    private static final VirtioOptions OFFERING =
            VirtioOptions.DEFAULTS.offer(DiskFeature.DISCARD, DiskFeature.WRITE_ZEROES, DiskFeature.SECURE_ERASE);

    private static final RangeLimits TIGHT = new RangeLimits(16, 4, 1);

    private static final DiskOptions TIGHTLY =
            DiskOptions.DEFAULTS.discard(TIGHT).writeZeroes(TIGHT).secureErase(TIGHT);

    @TempDir
    Path folder;

    private Path image(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(3).nextBytes(content);
        return Files.write(folder.resolve("disk.img"), content);
    }

    private static SeededDisk seeded() {
        return SeededDisk.of(1 << 20, 42).id("d0").options(TIGHTLY).virtio(OFFERING);
    }

    /** What the file takes on its file system, in blocks of 512 bytes. */
    private static long blocks(Path file) throws IOException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    private void assumeHoles() throws IOException {
        Path probe = Files.write(folder.resolve("probe"), new byte[4096]);
        try (FileHoles holes = FileHoles.open(probe)) {
            assumeTrue(holes.punch(0, 4096), "the file system of " + folder + " knows no holes");
        }
    }

    @ParameterizedTest
    @CsvSource({"11, 0, true", "13, 1, true", "13, 0, false", "14, 0, false"})
    void whatMayBeGivenBackIsGivenBackAndNothingElse(int type, int flags, boolean givenBack) throws IOException {
        assumeHoles();
        Path image = image(1 << 20);
        byte[] expected = Files.readAllBytes(image);
        long before = blocks(image);
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(FileDisk.of(image).id("d0").virtio(OFFERING))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            assertEquals(OK, disk.range(0, 128, 1024, flags).request(type, 0, 16));
            assertEquals(1, disk.usedLength(0), "only the status was written");
            assertEquals(List.of(), machine.guestErrors());
        }
        Arrays.fill(expected, 128 * 512, (128 + 1024) * 512, (byte) 0);
        assertArrayEquals(expected, Files.readAllBytes(image), "a hole reads as zeros, and the rest is as it was");
        assertEquals(1 << 20, Files.size(image));
        assertEquals(givenBack, blocks(image) < before, "%d blocks were %d".formatted(blocks(image), before));
    }

    @Test
    void zerosThatMustNotGiveSpaceBackKeepIt() throws IOException {
        Path image = image(1 << 20);
        long before = blocks(image);
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(FileDisk.of(image)
                        .options(DiskOptions.DEFAULTS.unmapping(Unmapping.NEVER))
                        .virtio(OFFERING))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            assertEquals(0, machine.registers().read8(disk.config + 56), "write_zeroes_may_unmap");
            assertEquals(OK, disk.range(0, 0, 2048, UNMAP).request(WRITE_ZEROES, 0, 16));
        }
        assertArrayEquals(new byte[1 << 20], Files.readAllBytes(image));
        assertEquals(before, blocks(image));
    }

    @Test
    void everySegmentIsServedAndCounted() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(seeded()).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            disk.ram.asSlice(disk.data(), 4 * 512).fill((byte) 7);
            assertEquals(OK, disk.request(OUT, 0, 4 * 512));
            disk.range(0, 0, 1, 0).range(1, 2, 1, UNMAP).range(2, 3, 0, 0);
            assertEquals(OK, disk.request(WRITE_ZEROES, 0, 48));
            assertEquals(OK, disk.range(0, 1, 1, 0).request(SECURE_ERASE, 0, 16));
            assertEquals(OK, disk.request(IN, 0, 4 * 512));
            byte[] expected = new byte[4 * 512];
            Arrays.fill(expected, 3 * 512, 4 * 512, (byte) 7);
            assertArrayEquals(expected, disk.data(4 * 512));
            assertEquals(OK, disk.range(0, 3, 1, 0).request(DISCARD, 0, 16));
            assertEquals(
                    new DiskCounters(1, 1, 0, 1, 1, 1, 0, 0, 0, 0),
                    machine.disk("d0").counters());
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @ParameterizedTest
    @CsvSource({
        // type, sector, sectors, flags, status, clause
        "11, 0, 17, 0, 1, blk:258",
        "13, 0, 17, 0, 1, blk:264",
        "14, 0, 17, 0, 1, blk:271",
        "11, 0, 1, 1, 2, blk:906",
        "14, 0, 1, 1, 2, blk:906",
        "11, 0, 1, 2, 2, ",
        "13, 0, 1, 2, 2, ",
        "13, 0, 1, 3, 2, ",
        "14, 0, 1, -2147483648, 2, ",
        "11, 2048, 1, 0, 1, blk:871",
        "13, 2047, 2, 0, 1, blk:871",
        "13, -1, 1, 0, 1, blk:871",
        "13, 9223372036854775807, 1, 0, 1, blk:871",
        "13, 36028797018963968, 1, 0, 1, blk:871"
    })
    void aRequestThatIsRefusedChangesNothing(
            int type, long sector, long sectors, int flags, int status, String clause) {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(seeded()).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            assertEquals(OK, disk.request(IN, 8, 512));
            byte[] before = disk.data(512);
            disk.range(0, 8, 1, 0).range(1, sector, sectors, flags);
            assertEquals(status, disk.request(type, 0, 32));
            assertEquals(clause == null ? List.of() : List.of(clause), Guests.clauses(machine));
            assertEquals(OK, disk.request(IN, 8, 512));
            assertArrayEquals(before, disk.data(512), "the segment before the wrong one was served");
        }
    }

    @ParameterizedTest
    @CsvSource({"11, blk:888", "13, blk:896", "14, blk:892"})
    void moreSegmentsThanToldAreUnsupported(int type, String clause) {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(seeded()).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            for (int i = 0; i < 5; i++) {
                disk.range(i, i, 1, 0);
            }
            assertEquals(OK, disk.request(type, 0, 64));
            assertEquals(UNSUPP, disk.request(type, 0, 80));
            assertEquals(List.of(clause), Guests.clauses(machine));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 17, 31})
    void dataThatAreNoSegmentsFail(int length) {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(seeded()).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            assertEquals(IOERR, disk.range(0, 0, 1, 0).request(DISCARD, 0, length));
            assertEquals(List.of("blk:882"), Guests.clauses(machine));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 13, 14})
    void whatWasNotNegotiatedIsUnsupported(int type) {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(seeded()).build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            assertEquals(UNSUPP, disk.range(0, 0, 1, 0).request(type, 0, 16));
            assertEquals(
                    new DiskCounters(0, 0, 0, 0, 0, 0, 0, 0, 1, 0),
                    machine.disk("d0").counters());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 13, 14})
    void aReadOnlyDiskRefusesThemAll(int type) throws IOException {
        Path image = image(4096);
        byte[] before = Files.readAllBytes(image);
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(FileDisk.of(image).ro().virtio(OFFERING))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL | 1 << DiskFeature.RO);
            assertEquals(IOERR, disk.range(0, 0, 1, 0).request(type, 0, 16));
        }
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void eachOperationCanBeMadeToFailAtASector() {
        for (DiskOperation operation : DiskOperation.values()) {
            try (EmulatedMachine machine = EmulatedMachine.builder()
                    .device(seeded().virtio(OFFERING.mischief(new FailOperation(operation, 4, 2))))
                    .build()) {
                PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
                int[] types = {IN, OUT, 4, DISCARD, WRITE_ZEROES, SECURE_ERASE};
                for (int type : types) {
                    boolean hit = type == types[operation.ordinal()];
                    disk.range(0, 3, 2, 0);
                    boolean transfer = type == IN || type == OUT;
                    int length = transfer ? 1024 : type == 4 ? 0 : 16;
                    assertEquals(
                            hit ? IOERR : OK, disk.request(type, transfer ? 3 : 0, length), operation + " " + type);
                    disk.range(0, 6, 2, 0);
                    assertEquals(
                            hit && type == 4 ? IOERR : OK,
                            disk.request(type, transfer ? 6 : 0, length),
                            operation + " " + type);
                }
                assertEquals(
                        operation == DiskOperation.FLUSH ? 2 : 1,
                        machine.disk("d0").counters().errors());
                assertEquals(List.of(), machine.guestErrors());
            }
        }
    }

    @Test
    void theLifetimeIsToldToADriverThatTookIt() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(SeededDisk.of(512, 1).virtio(VirtioOptions.DEFAULTS.offer(DiskFeature.LIFETIME)))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            disk.start(PokedDevice.VERSION_1);
            assertEquals(UNSUPP, disk.request(10, 0, 6));
            disk.start(PokedDevice.VERSION_1 | 1L << DiskFeature.LIFETIME);
            assertEquals(OK, disk.request(10, 0, 6));
            assertArrayEquals(new byte[] {1, 0, 1, 0, 1, 0}, disk.data(6));
            assertEquals(7, disk.usedLength(0));
        }
    }

    @Test
    void aSeededDiskAgreesWithAModelOfItself() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int sectors = 64;
        byte[] model = new byte[sectors * 512];
        SeededContent.fill(42, 0, java.lang.foreign.MemorySegment.ofArray(model));
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(SeededDisk.of(sectors * 512, 42).options(TIGHTLY).virtio(OFFERING))
                .build()) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(ALL);
            byte[] original = model.clone();
            for (int turn = 0; turn < 400; turn++) {
                int first = random.nextInt(sectors);
                int count = Math.min(1 + random.nextInt(8), sectors - first);
                int from = first * 512;
                int to = (first + count) * 512;
                switch (random.nextInt(3)) {
                    case 0 -> {
                        byte value = (byte) random.nextInt();
                        disk.ram.asSlice(disk.data(), count * 512L).fill(value);
                        assertEquals(OK, disk.request(OUT, first, count * 512));
                        Arrays.fill(model, from, to, value);
                    }
                    case 1 -> {
                        assertEquals(
                                OK,
                                disk.range(0, first, count, random.nextInt(2)).request(WRITE_ZEROES, 0, 16));
                        Arrays.fill(model, from, to, (byte) 0);
                    }
                    default -> {
                        assertEquals(OK, disk.range(0, first, count, 0).request(DISCARD, 0, 16));
                        System.arraycopy(original, from, model, from, to - from);
                    }
                }
                assertEquals(OK, disk.request(IN, 0, 48 * 512));
                assertTrue(
                        Arrays.equals(model, 0, 48 * 512, disk.data(48 * 512), 0, 48 * 512),
                        "turn " + turn + " of seed " + seed);
            }
        }
    }
}
