package dev.postern.lab;

import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Memory goes bad under a queue: a request reaches the device malformed, among others that are not. The device asks for a reset; the
 * guest resets it, sends again what was not answered, and goes on with the right bytes, each request answered once. Both machines
 * have to notice the same.
 */
@Timeout(120)
class MalformedChainTest {

    private static final int SECTORS = 256;
    private static final int BURST = 8;
    /** A read: what a device writes to memory is not on the disk, however little of it is done. */
    private static final int VICTIM = 2;

    @TempDir
    Path folder;

    static Stream<RingKind> rings() {
        List<RingKind> rings = new ArrayList<>();
        for (MachineKind machine : MachineKind.withPci().toList()) {
            for (boolean indirect : new boolean[] {false, true}) {
                for (RingKind.Format format : RingKind.Format.values()) {
                    InterruptMode interrupts = indirect ? InterruptMode.MSIX : InterruptMode.POLLED;
                    rings.add(RingKind.of(machine, interrupts, format, indirect, indirect));
                }
            }
        }
        return rings.stream();
    }

    static Stream<RingKind> split() {
        return rings().filter(Predicate.not(RingKind::packed));
    }

    static Stream<RingKind> packedDirect() {
        return rings().filter(RingKind::packed).filter(Predicate.not(RingKind::indirect));
    }

    static Stream<RingKind> packed() {
        return rings().filter(RingKind::packed);
    }

    static Stream<RingKind> indirect() {
        return rings().filter(RingKind::indirect);
    }

    @ParameterizedTest
    @MethodSource("split")
    void aLoopedChainIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (_, chain, _) -> {
            int head = chain.indirect() ? 0 : chain.first().link();
            chain.last().set(LiveDescriptor.NEXT);
            chain.last().link(head);
        });
    }

    @ParameterizedTest
    @MethodSource("packedDirect")
    void aPackedChainThatGoesRoundTheWholeRingIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (live, chain, _) -> {
            LiveDescriptor status = chain.last();
            status.set(LiveDescriptor.NEXT);
            LivePackedRing packed = (LivePackedRing) live;
            for (int slot = 0; slot < packed.size(); slot++) {
                if (!chain.entries().contains(packed.entry(slot))) {
                    packed.entry(slot).copyOf(status);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("split")
    void aNextOutOfRangeIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(
                ring,
                (live, chain, _) ->
                        chain.first().link(chain.indirect() ? chain.elements().size() : live.size()));
    }

    @ParameterizedTest
    @MethodSource("split")
    void aHeadOutOfRangeIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (live, _, index) -> ((LiveSplitRing) live).head(index, live.size()));
    }

    @ParameterizedTest
    @MethodSource("rings")
    void aBufferOfZeroLengthIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (_, chain, _) -> chain.elements().get(1).length(0));
    }

    @ParameterizedTest
    @MethodSource("rings")
    void aShortHeaderIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (_, chain, _) -> chain.first().length(15));
    }

    @ParameterizedTest
    @MethodSource("rings")
    void aRequestWithoutRoomForAStatusIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (_, chain, _) -> {
            for (LiveDescriptor element : chain.elements()) {
                element.clear(LiveDescriptor.WRITE);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("indirect")
    void aTableOfABadSizeIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (_, chain, _) -> {
            LiveDescriptor entry = chain.entries().getFirst();
            entry.length(entry.length() - 1);
        });
    }

    @ParameterizedTest
    @MethodSource("rings")
    void aReadableBufferAfterAWritableOneIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (_, chain, _) -> chain.last().clear(LiveDescriptor.WRITE));
    }

    @ParameterizedTest
    @MethodSource("split")
    void anAvailableIndexThatJumpsIsNoticedAndTheDeviceComesBack(RingKind ring) throws Exception {
        assertComesBack(ring, (live, _, _) -> {
            LiveSplitRing split = (LiveSplitRing) live;
            split.availableIndex(split.availableIndex() + split.size());
        });
    }

    /** A device cannot know which ids a driver uses in a packed ring. It gives back what it got, and the driver knows better. */
    @ParameterizedTest
    @MethodSource("packed")
    void anIdOutOfRangeComesBackAndIsNotBelieved(RingKind ring) throws Exception {
        assertComesBack(
                ring,
                Noticed.BY_THE_DRIVER,
                (live, chain, _) -> chain.entries().forEach(entry -> entry.link(live.size())));
    }

    /** Who notices. */
    private enum Noticed {
        BY_THE_DEVICE,
        BY_THE_DRIVER
    }

    private void assertComesBack(RingKind ring, Spoiler.Spoiling spoiling) throws Exception {
        assertComesBack(ring, Noticed.BY_THE_DEVICE, spoiling);
    }

    private void assertComesBack(RingKind ring, Noticed noticed, Spoiler.Spoiling spoiling) throws Exception {
        Peers.require(ring.machine());
        Path image = Images.random(folder, "image", SECTORS * SECTOR);
        byte[] model = Files.readAllBytes(image);
        LabMachine machine = LabMachine.open(ring.machine(), List.of(ring.disk("d0", image, DiskAccess.READ_WRITE)));
        TappedRegisters registers = new TappedRegisters(machine.machine().registers());
        LabMachine tapped =
                new LabMachine.Overlaid(machine, OverlaidMachine.registers(machine.machine(), inside -> registers));
        try (Trial trial = Trial.boot(ring.setting(), tapped)) {
            Spoiler spoiler = new Spoiler(trial, RawVirtio.of(trial).getFirst(), ring.format());
            registers.tap(spoiler);
            BlkDevice disk = trial.disk(0);
            // In the middle of a ring, not at its beginning.
            for (int turn = 0; turn < 3; turn++) {
                burst(trial, model, turn * BURST);
            }
            assertEquals(0, disk.recoveries());
            if (ring.machine() == MachineKind.QEMU_Q35 && ring.packed() && noticed == Noticed.BY_THE_DEVICE) {
                spoiler.helpOutOfTheLoop();
            }
            spoiler.spoilNext(VICTIM, spoiling);
            burst(trial, model, 3 * BURST);
            assertEquals(1, disk.recoveries(), "nobody noticed");
            assertEquals(noticed == Noticed.BY_THE_DEVICE, spoiler.resetAsked(), "the device asked for a reset");
            trial.forgiveGuestErrors();
            for (int turn = 4; turn < SECTORS / BURST; turn++) {
                burst(trial, model, turn * BURST);
            }
            disk.flush();
            assertEquals(1, disk.recoveries());
            assertTrue(disk.hasRoom());
        }
        assertArrayEquals(model, Files.readAllBytes(image), Seed.words());
    }

    /** Reads and writes sectors by turns with one notification, and asserts that each is answered once and with the right bytes. */
    private static void burst(Trial trial, byte[] model, int sector) throws Exception {
        BlkDevice disk = trial.disk(0);
        PhysRange buffer = trial.buffer(BURST * SECTOR);
        MemorySegment bytes = trial.bytes(buffer);
        BlkRequest[] requests = new BlkRequest[BURST];
        for (int i = 0; i < BURST; i++) {
            int at = (sector + i) * SECTOR;
            MemorySegment own = bytes.asSlice((long) i * SECTOR, SECTOR);
            if (i % 2 == 0) {
                own.fill((byte) 0xa5);
                requests[i] = disk.submitRead(sector + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
            } else {
                for (int b = 0; b < SECTOR; b++) {
                    model[at + b] ^= (byte) 0xff;
                }
                MemorySegment.copy(model, at, own, ValueLayout.JAVA_BYTE, 0, SECTOR);
                requests[i] = disk.submitWrite(sector + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
            }
        }
        for (BlkRequest request : requests) {
            disk.await(request);
        }
        MemorySegment expected = MemorySegment.ofArray(model).asSlice((long) sector * SECTOR, BURST * SECTOR);
        assertEquals(
                -1,
                expected.mismatch(bytes.asSlice(0, BURST * SECTOR)),
                "from sector %d; %s".formatted(sector, Seed.words()));
        trial.giveBack(buffer);
    }
}
