package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.CloneDisk;
import dev.postern.app.Progress;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkChannel;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkReadOnlyException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

@OnEveryPlatform
class DiskWritingTest {

    private static final int SECTORS = 1031;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    void aCloneEqualsItsSourceByteForByte() throws Exception {
        Path source = Images.random(folder, "source", SECTORS * SECTOR);
        Path target = Images.random(folder, "target", SECTORS * SECTOR);
        assertNotEquals(-1, Files.mismatch(source, target));
        try (Trial trial = Trial.boot(
                setting, new LabDevice.Disk("d0", source, READ_ONLY), new LabDevice.Disk("d1", target, READ_WRITE))) {
            new CloneDisk().run(trial.guest().guest(Progress.NONE));
        }
        assertEquals(-1, Files.mismatch(source, target), Seed.words());
    }

    @Test
    @Clause("blk:876")
    void whatWasWrittenIsReadBackAndLastsInTheImage() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] model = Files.readAllBytes(image);
        SplittableRandom random = new SplittableRandom(Seed.value());
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            BlkDevice disk = trial.disk(0);
            PhysRange buffer = trial.buffer(64 * SECTOR);
            MemorySegment bytes = trial.bytes(buffer);
            for (int turn = 0; turn < 100; turn++) {
                int sectors = random.nextInt(1, 65);
                int first = random.nextInt(SECTORS - sectors + 1);
                switch (random.nextInt(4)) {
                    case 0, 1 -> {
                        byte[] fresh = new byte[sectors * SECTOR];
                        random.nextBytes(fresh);
                        MemorySegment.copy(fresh, 0, bytes, ValueLayout.JAVA_BYTE, 0, fresh.length);
                        disk.write(first, buffer.basePa(), fresh.length);
                        System.arraycopy(fresh, 0, model, first * SECTOR, fresh.length);
                    }
                    case 2 -> {
                        disk.read(first, buffer.basePa(), sectors * SECTOR);
                        assertArrayEquals(
                                Arrays.copyOfRange(model, first * SECTOR, (first + sectors) * SECTOR),
                                bytes.asSlice(0, sectors * SECTOR).toArray(ValueLayout.JAVA_BYTE),
                                "turn %d, sector %d; %s".formatted(turn, first, Seed.words()));
                    }
                    default -> {
                        disk.flush();
                        assertArrayEquals(model, Files.readAllBytes(image), "flushed; " + Seed.words());
                    }
                }
            }
            trial.giveBack(buffer);
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    @Test
    void aReadOnlyDiskRefusesWritesAndItsImageStaysAsItWas() throws Exception {
        Path image = Images.random(folder, "image", 8 * SECTOR);
        byte[] before = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_ONLY))) {
            BlkDevice disk = trial.disk(0);
            assertTrue(disk.readOnly());
            PhysRange buffer = trial.buffer(SECTOR);
            trial.bytes(buffer).fill((byte) 0x5a);
            assertThrows(BlkReadOnlyException.class, () -> disk.write(0, buffer.basePa(), SECTOR));
            disk.read(0, buffer.basePa(), SECTOR);
            trial.giveBack(buffer);
        }
        assertArrayEquals(before, Files.readAllBytes(image));
    }

    @Test
    void aChannelReadsAndWritesAtAnyByte() throws Exception {
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] model = Files.readAllBytes(image);
        SplittableRandom random = new SplittableRandom(Seed.value());
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE));
                BlkChannel channel = new BlkChannel(trial.disk(0), trial.guest().frames())) {
            for (int turn = 0; turn < 60; turn++) {
                int at = random.nextInt(model.length);
                int length = random.nextInt(1, turn % 10 == 0 ? 300_000 : 2000);
                int inside = Math.min(length, model.length - at);
                String place = "turn %d, %d bytes at %d; %s".formatted(turn, length, at, Seed.words());
                channel.position(at);
                if (random.nextBoolean()) {
                    byte[] fresh = new byte[length];
                    random.nextBytes(fresh);
                    assertEquals(inside, channel.write(ByteBuffer.wrap(fresh)), place);
                    System.arraycopy(fresh, 0, model, at, inside);
                } else {
                    ByteBuffer into = ByteBuffer.allocate(length);
                    assertEquals(inside, channel.read(into), place);
                    assertArrayEquals(
                            Arrays.copyOfRange(model, at, at + inside), Arrays.copyOf(into.array(), inside), place);
                }
                assertEquals(at + inside, channel.position(), place);
            }
            channel.position(model.length);
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }
}
