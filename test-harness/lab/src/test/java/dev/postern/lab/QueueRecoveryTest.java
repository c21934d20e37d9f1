package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One queue of a disk breaks, and is reset alone and enabled again, while another one has requests in flight. Memory under the queue
 * goes bad so that the device is honest and its answer is not: an id that the driver does not have.
 */
@Timeout(120)
class QueueRecoveryTest {

    private static final int SECTORS = 64;
    private static final int BURST = 8;
    private static final int VICTIM = 2;

    @TempDir
    Path folder;

    /** In a split ring a device gives back the head that it was given, and notices itself that it is none. */
    static Stream<RingKind> rings() {
        return MachineKind.withPci()
                .flatMap(machine -> Stream.of(
                        RingKind.of(machine, InterruptMode.POLLED, RingKind.Format.PACKED, false, false),
                        RingKind.of(machine, InterruptMode.MSIX, RingKind.Format.PACKED, true, true)));
    }

    @ParameterizedTest
    @MethodSource("rings")
    @Clause({"content:424", "content:442", "transport-pci:518"})
    void aBrokenQueueIsResetAloneWhileAnotherRunsOn(RingKind ring) throws Exception {
        Peers.require(ring.machine());
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] content = Files.readAllBytes(image);
        LabDevice.Disk disk = ring.disk("d0", image, READ_WRITE, DiskSettings.NONE.with(DiskNumber.QUEUES, 2))
                .offering(AdjustableFeature.RING_RESET);
        LabMachine machine = LabMachine.open(ring.machine(), List.of(disk));
        TappedRegisters registers = new TappedRegisters(machine.machine().registers());
        LabMachine tapped =
                new LabMachine.Overlaid(machine, OverlaidMachine.registers(machine.machine(), inside -> registers));
        try (Trial trial = Trial.boot(ring.setting(), tapped)) {
            assertTrue(trial.guest().devices().getFirst().accepted().has(ReservedFeatures.RING_RESET));
            BlkDevice driven = trial.disk(0);
            assertEquals(2, driven.queues());
            Spoiler spoiler = new Spoiler(trial, RawVirtio.of(trial).getFirst(), ring.format());
            registers.tap(spoiler);
            PhysRange buffer = trial.buffer(2L * BURST * SECTOR);
            MemorySegment bytes = trial.bytes(buffer).asSlice(0, 2L * BURST * SECTOR);
            for (int turn = 0; turn < 6; turn++) {
                bytes.fill((byte) 0xa5);
                if (turn == 3) {
                    spoiler.spoilNext(
                            VICTIM, (live, chain, _) -> chain.entries().forEach(entry -> entry.link(live.size())));
                }
                List<BlkRequest> requests = new ArrayList<>();
                for (int i = 0; i < 2 * BURST; i++) {
                    requests.add(driven.submitRead(turn + i, buffer.basePa() + (long) i * SECTOR, SECTOR));
                    if (i == BURST - 1) {
                        // The rest goes to the other queue.
                        driven.kick();
                    }
                }
                for (BlkRequest request : requests) {
                    driven.await(request);
                }
                MemorySegment expected = MemorySegment.ofArray(content).asSlice((long) turn * SECTOR, bytes.byteSize());
                assertArrayEquals(
                        expected.toArray(ValueLayout.JAVA_BYTE),
                        bytes.toArray(ValueLayout.JAVA_BYTE),
                        "turn %d; %s".formatted(turn, Seed.words()));
                assertEquals(turn < 3 ? 0 : 1, driven.queueRecoveries(), "turn " + turn);
            }
            assertEquals(1, driven.recoveries(), "the device was reset as a whole");
            assertFalse(spoiler.resetAsked());
            trial.forgiveGuestErrors();
            trial.giveBack(buffer);
        }
    }
}
