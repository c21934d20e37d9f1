package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.boot.BootOptions;
import dev.postern.boot.PoolSize;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.dma.bounce.PoolStatistics;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools that are smaller than what is in flight. */
@OnSecure
class SmallPoolTest {

    private static final UnaryOperator<BootOptions> SMALLEST =
            options -> options.withPool(PoolSize.fixed(PoolOptions.SMALLEST_BYTES));
    private static final int BLOCK = 8 * SECTOR;
    private static final int BLOCKS = 512;

    @Parameter
    Setting setting;

    @TempDir
    Path folder;

    @Test
    @Immunity(32)
    void sixtyFourRequestsInFlightAllCompleteInTheSmallestPool() throws Exception {
        Path image = Images.random(folder, "image", BLOCKS * BLOCK);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, SMALLEST, new LabDevice.Disk("d0", image, READ_WRITE))) {
            assertEquals(64, trial.disk(0).depth());
            readAtFullDepth(trial, content);
            PoolStatistics pool = trial.pool().statistics();
            assertTrue(pool.fullEvents() > 0, pool.toString());
            assertEquals(PoolOptions.SMALLEST_BYTES, pool.sizeBytes());
            assertEquals(0, pool.bytesInUse(), "a slot leaked");
        }
    }

    @Test
    @Immunity(30)
    void aDiskIsReadAndWrittenInPiecesThatFitTheSmallestPool() throws Exception {
        Path image = Images.random(folder, "image", BLOCKS * BLOCK);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(setting, SMALLEST, new LabDevice.Disk("d0", image, READ_WRITE))) {
            assertEquals(
                    Images.sha256(image),
                    new Digest()
                            .run(trial.guest().guest(Progress.NONE))
                            .byDevice()
                            .get("blk0"));
            PhysRange buffer = trial.buffer(content.length);
            trial.disk(0).read(0, buffer.basePa(), content.length);
            assertArrayEquals(content, trial.bytes(buffer).toArray(ValueLayout.JAVA_BYTE));
            for (int i = 0; i < content.length; i++) {
                content[i] ^= (byte) 0xff;
            }
            trial.bytes(buffer).asByteBuffer().put(content);
            trial.disk(0).write(0, buffer.basePa(), content.length);
            trial.disk(0).flush();
            trial.giveBack(buffer);
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }

    @ParameterizedTest
    @ValueSource(longs = {128 << 10, 1 << 20})
    void aPoolGrowsToItsCapAndNoFurther(long most) throws Exception {
        Path image = Images.random(folder, "image", BLOCKS * BLOCK);
        byte[] content = Files.readAllBytes(image);
        try (Trial trial = Trial.boot(
                setting,
                options -> options.withPool(new PoolSize(PoolOptions.SMALLEST_BYTES, most)),
                new LabDevice.Disk("d0", image, READ_WRITE))) {
            readAtFullDepth(trial, content);
            PoolStatistics pool = trial.pool().statistics();
            assertTrue(pool.grownBytes() > 0, pool.toString());
            assertTrue(pool.sizeBytes() <= most, pool.toString());
            assertEquals(most < 64 * BLOCK, pool.fullEvents() > 0, pool.toString());
        }
    }

    private static void readAtFullDepth(Trial trial, byte[] content) throws Exception {
        BlkDevice disk = trial.disk(0);
        PhysRange buffer = trial.buffer(64 * BLOCK);
        BlkRequest[] requests = new BlkRequest[64];
        for (int round = 0; round < 3; round++) {
            trial.bytes(buffer).fill((byte) 0xa5);
            for (int i = 0; i < requests.length; i++) {
                long sector = (i * 7 + round) % BLOCKS * 8L;
                requests[i] = disk.submitRead(sector, buffer.basePa() + (long) i * BLOCK, BLOCK);
            }
            for (int i = 0; i < requests.length; i++) {
                int at = (i * 7 + round) % BLOCKS * BLOCK;
                disk.await(requests[i]);
                assertArrayEquals(
                        Arrays.copyOfRange(content, at, at + BLOCK),
                        trial.bytes(buffer).asSlice((long) i * BLOCK, BLOCK).toArray(ValueLayout.JAVA_BYTE),
                        "round %d, request %d; %s".formatted(round, i, Seed.words()));
            }
        }
        trial.giveBack(buffer);
    }
}
