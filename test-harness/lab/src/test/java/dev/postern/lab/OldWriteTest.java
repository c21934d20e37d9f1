package dev.postern.lab;

import static dev.postern.lab.SocketGuest.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.backend.DataDeed;
import dev.postern.lab.backend.DeviceFeature;
import dev.postern.lab.backend.DiskMemory;
import dev.postern.lab.backend.Offer;
import dev.postern.lab.backend.Script;
import dev.postern.lab.backend.ScriptedBackend;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Writes that overlap, over a back-end that is lost again and again: what was written last is what is there, and no write comes again
 * after a later one over the same sectors was answered. The medium remembers its whole history.
 */
@Timeout(300)
class OldWriteTest {

    /** Few, so that most writes overlap another one that is out. */
    private static final int SECTORS = 24;

    private static final int MOST_SECTORS = 6;
    private static final int WRITES = 1500;
    private static final int LOSSES = 40;
    private static final int DEPTH = 16;

    @TempDir
    Path folder;

    static Stream<Arguments> rings() {
        Offer split = Offer.of(SECTORS, 2);
        return SocketGuest.settings()
                .flatMap(setting -> Stream.of(
                        Arguments.of(setting, split.withQueues(1)),
                        Arguments.of(setting, split),
                        Arguments.of(setting, split.with(DeviceFeature.RING_PACKED))));
    }

    /** Losses at random requests: before the medium has changed, before the answer, and after it. */
    private static Script losses(Random random) {
        DataDeed[] deeds = {DataDeed.HANG_UP_BEFORE, DataDeed.HANG_UP_APPLIED, DataDeed.HANG_UP_USED};
        Script script = Script.honest();
        for (int connection = 0; connection < LOSSES; connection++) {
            // A write that is lost three times is given up: of two losses one comes when all that was lost has been
            // answered.
            int first = connection % 2 == 0 ? 1 : DEPTH + 4;
            script = script.atRequest(connection, first + random.nextInt(40), deeds[random.nextInt(deeds.length)]);
        }
        return script;
    }

    @ParameterizedTest
    @MethodSource("rings")
    void noWriteComesAgainAfterALaterOneOverItsSectors(Setting setting, Offer offer) throws Exception {
        long seed = Seed.value() + setting.hashCode();
        Random random = new Random(seed);
        byte[] model = new byte[SECTORS * SECTOR];
        DiskMemory medium = new DiskMemory(model);
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend =
                    ScriptedBackend.listen(folder.resolve("socket"), medium, offer, losses(random), seed)) {
                try (Trial trial = SocketGuest.boot(setting, backend.path())) {
                    write(trial, model, random);
                    assertTrue(
                            trial.disk(0).recoveries() >= LOSSES / 2,
                            trial.disk(0).recoveries() + " recoveries");
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
        assertEquals(List.of(), medium.oldChangesAfterAnswers(), Seed.words());
        assertArrayEquals(model, medium.content(), Seed.words());
    }

    private static void write(Trial trial, byte[] model, Random random) throws Exception {
        BlkDevice disk = trial.disk(0);
        int depth = Math.min(disk.depth(), DEPTH);
        PhysRange buffer = trial.buffer((long) depth * MOST_SECTORS * SECTOR);
        MemorySegment bytes = trial.bytes(buffer);
        Map<Integer, BlkRequest> out = new HashMap<>();
        for (int stamp = 1; stamp <= WRITES; stamp++) {
            int slot = stamp % depth;
            if (out.containsKey(slot)) {
                disk.await(out.remove(slot));
            }
            int sectors = random.nextInt(1, MOST_SECTORS + 1);
            int first = random.nextInt(SECTORS - sectors + 1);
            long at = (long) slot * MOST_SECTORS * SECTOR;
            byte[] fresh = stamped(stamp, sectors);
            MemorySegment.copy(fresh, 0, bytes, ValueLayout.JAVA_BYTE, at, fresh.length);
            out.put(slot, disk.submitWrite(first, buffer.basePa() + at, fresh.length));
            System.arraycopy(fresh, 0, model, first * SECTOR, fresh.length);
            if (random.nextInt(4) == 0) {
                disk.kick();
            }
        }
        for (BlkRequest request : new ArrayList<>(out.values())) {
            disk.await(request);
        }
        trial.giveBack(buffer);
    }

    /** Each sector begins with the number of the write that it is of. */
    private static byte[] stamped(long stamp, int sectors) {
        byte[] bytes = new byte[sectors * SECTOR];
        for (int sector = 0; sector < sectors; sector++) {
            MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_LONG_UNALIGNED, (long) sector * SECTOR, stamp);
        }
        return bytes;
    }
}
