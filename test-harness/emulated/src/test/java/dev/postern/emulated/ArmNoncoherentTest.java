package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.SharedPages.Range;
import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Caching;
import dev.postern.machine.PrivilegedActs.Instruction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine whose devices are not snooped once they accepted ACCESS_PLATFORM. */
class ArmNoncoherentTest {

    private static final long ACCEPTED = PokedDevice.VERSION_1 | PokedDevice.ACCESS_PLATFORM;
    private static final long DATA = 0x30_0000L;
    private static final int PAGE = 4096;

    private EmulatedMachine machine;
    private PokedDevice disk;
    private PrivilegedActs acts;

    private static EmulatedMachine machine(long seed, VirtioOptions options) {
        return EmulatedMachine.builder()
                .platform(Platform.ARM_NONCOHERENT)
                .seed(seed)
                .ramBytes(8 << 20)
                .device(SeededDisk.of(1 << 20, 42).id("d0").virtio(options))
                .auditDevices()
                .build();
    }

    @BeforeEach
    void start() {
        machine = machine(1, VirtioOptions.DEFAULTS.offer(33));
        acts = machine.privilegedActs().orElseThrow();
        disk = PokedDevice.first(machine, 2);
        uncached(disk.queueBase, 0x1_0000);
        disk.start(ACCEPTED);
    }

    @AfterEach
    void stop() {
        machine.close();
    }

    private void clean(long pa, long length) {
        assertEquals(0, acts.execute(Instruction.CACHE_CLEAN, pa, length).length);
    }

    private void invalidate(long pa, long length) {
        assertEquals(0, acts.execute(Instruction.CACHE_INVALIDATE, pa, length).length);
    }

    /** As a guest should: nothing dirty stays behind. */
    private void uncached(long pa, long length) {
        clean(pa, length);
        acts.mapCaching(pa, length, Caching.UNCACHED);
    }

    private static byte[] sector(long number) {
        byte[] bytes = new byte[512];
        SeededContent.fill(42, number * 512, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private byte[] cpu(long pa) {
        return PokedPlatform.bytes(disk, pa);
    }

    private void store(long pa, String word) {
        PokedPlatform.put(disk, pa, PokedPlatform.text(word));
    }

    @Test
    void theTreeDoesNotClaimCoherence() {
        PokedTree tree = new PokedTree(machine.deviceTree().orElseThrow());
        assertFalse(tree.has("/pci@b0000000/dma-coherent"));
        assertEquals("pci-host-ecam-generic", tree.string("/pci@b0000000/compatible"));
    }

    @Test
    void ringsAndBuffersInUncachedPagesAreServed() {
        assertEquals(0, disk.request(0, 0, 512));
        assertArrayEquals(sector(0), disk.data(512));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void ringsInCachedPagesAreNot() {
        acts.mapCaching(disk.queueBase, 0x1_0000, Caching.WRITE_BACK);
        disk.start(ACCEPTED);
        assertEquals(-1, disk.request(0, 0, 512));
    }

    @Test
    void whatTheCpuStoredIsSeenAfterACleanAndNotBefore() {
        store(DATA, "written");
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, DATA, 512));
        byte[] seen = PokedPlatform.sector(disk, 3);
        assertFalse(Arrays.equals(PokedPlatform.text("written"), seen), "stale memory");
        clean(DATA, 512);
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, DATA, 512));
        assertArrayEquals(PokedPlatform.text("written"), PokedPlatform.sector(disk, 3));
    }

    @Test
    void whatTheDeviceStoredIsSeenAfterAnInvalidateAndNotBefore() {
        store(DATA, "old");
        machine.audit().mark();
        assertEquals(0, PokedPlatform.transfer(disk, 0, 3, DATA, 512));
        assertArrayEquals(PokedPlatform.text("old"), cpu(DATA));
        assertTrue(machine.audit().writtenSinceMark().contains(new Range(DATA, 512)), "on record all the same");
        invalidate(DATA, 512);
        assertArrayEquals(sector(3), cpu(DATA));
    }

    @Test
    void aCleanAfterTheDeviceStoredLosesWhatItStored() {
        store(DATA, "old");
        assertEquals(0, PokedPlatform.transfer(disk, 0, 3, DATA, 512));
        clean(DATA, 512);
        invalidate(DATA, 512);
        assertArrayEquals(PokedPlatform.text("old"), cpu(DATA));
    }

    @Test
    void maintenanceOfAPartOfALineAffectsTheWholeLineAndNoOther() {
        store(DATA, "first content");
        clean(DATA, 512);
        store(DATA, "other content");
        clean(DATA + 63, 2);
        invalidate(DATA, 512);
        byte[] expected = PokedPlatform.text("first content");
        System.arraycopy(PokedPlatform.text("other content"), 0, expected, 0, 128);
        assertArrayEquals(expected, cpu(DATA));
        store(DATA, "lost again");
        invalidate(DATA + 100, 1);
        byte[] after = PokedPlatform.text("lost again");
        System.arraycopy(expected, 64, after, 64, 64);
        assertArrayEquals(after, cpu(DATA));
    }

    @Test
    void aRangeMayCrossPages() {
        store(DATA + PAGE - 256, "across the border");
        clean(DATA + PAGE - 256, 512);
        assertEquals(0, PokedPlatform.transfer(disk, 1, 3, DATA + PAGE - 256, 512));
        assertArrayEquals(PokedPlatform.text("across the border"), PokedPlatform.sector(disk, 3));
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void anUncachedPageIsOneForBothAndMappingItBackKeepsItsContent() {
        uncached(DATA, PAGE);
        assertEquals(0, PokedPlatform.transfer(disk, 0, 3, DATA, 512));
        assertArrayEquals(sector(3), cpu(DATA));
        store(DATA, "by the CPU");
        assertEquals(0, PokedPlatform.transfer(disk, 1, 4, DATA, 512));
        assertArrayEquals(PokedPlatform.text("by the CPU"), PokedPlatform.sector(disk, 4));
        acts.mapCaching(DATA, PAGE, Caching.WRITE_BACK);
        assertArrayEquals(PokedPlatform.text("by the CPU"), cpu(DATA));
        store(DATA, "in the cache");
        invalidate(DATA, 512);
        assertArrayEquals(PokedPlatform.text("by the CPU"), cpu(DATA), "there are two contents again");
        assertEquals(List.of(), machine.guestErrors());
    }

    @Test
    void aDirtyLineComesBackOverAnUncachedPageWhenTheDevicesRest() {
        invalidate(DATA, PAGE);
        store(DATA + 1024, "dirty");
        acts.mapCaching(DATA, PAGE, Caching.UNCACHED);
        assertFalse(Arrays.equals(PokedPlatform.text("dirty"), cpu(DATA + 1024)), "memory is seen");
        assertEquals(List.of("arm:dirty-alias"), Guests.clauses(machine));
        store(DATA, "kept");
        store(DATA + 1024, "lost");
        machine.cpu().relax();
        assertArrayEquals(PokedPlatform.text("dirty"), cpu(DATA + 1024));
        assertArrayEquals(PokedPlatform.text("kept"), cpu(DATA), "that line was clean");
        store(DATA + 1024, "once");
        machine.cpu().relax();
        assertArrayEquals(PokedPlatform.text("once"), cpu(DATA + 1024), "it comes back once");
    }

    @Test
    void aDirtyLineMayStillBeDiscardedWrittenBackOrSeenAgain() {
        for (Instruction instruction : List.of(Instruction.CACHE_INVALIDATE, Instruction.CACHE_CLEAN)) {
            invalidate(DATA, PAGE);
            byte[] memory = cpu(DATA);
            store(DATA, "dirty " + instruction);
            acts.mapCaching(DATA, PAGE, Caching.UNCACHED);
            acts.execute(instruction, DATA, PAGE);
            byte[] expected =
                    instruction == Instruction.CACHE_CLEAN ? PokedPlatform.text("dirty " + instruction) : memory;
            assertArrayEquals(expected, cpu(DATA));
            machine.cpu().relax();
            assertArrayEquals(expected, cpu(DATA));
            acts.mapCaching(DATA, PAGE, Caching.WRITE_BACK);
        }
        store(DATA, "dirty again");
        acts.mapCaching(DATA, PAGE, Caching.UNCACHED);
        acts.mapCaching(DATA, PAGE, Caching.WRITE_BACK);
        assertArrayEquals(PokedPlatform.text("dirty again"), cpu(DATA));
        invalidate(DATA, PAGE);
        assertFalse(Arrays.equals(PokedPlatform.text("dirty again"), cpu(DATA)), "it was never written back");
    }

    @Test
    void aDeviceWithoutTheFeatureIsSnooped() {
        try (EmulatedMachine other = machine(1, VirtioOptions.DEFAULTS)) {
            PokedDevice snooped = PokedDevice.first(other, 2).start(PokedDevice.VERSION_1);
            PokedPlatform.put(snooped, DATA, PokedPlatform.text("in the cache"));
            assertEquals(0, PokedPlatform.transfer(snooped, 1, 3, DATA, 512));
            assertArrayEquals(PokedPlatform.text("in the cache"), PokedPlatform.sector(snooped, 3));
            assertEquals(List.of(), other.guestErrors());
        }
    }

    @Test
    void aMessageIsSeenInAnUncachedPageAlone() {
        for (Caching caching : List.of(Caching.UNCACHED, Caching.WRITE_BACK)) {
            clean(DATA, PAGE);
            acts.mapCaching(DATA, PAGE, caching);
            disk.put32(DATA, 0);
            disk.negotiate(ACCEPTED);
            disk.msixControl(0x8000);
            disk.vector(0, DATA, 0x4321, 0);
            disk.enableQueue(0, 0);
            disk.status(15);
            disk.header(4, 0);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            long deadline = machine.cpu().nanoTime() + 1_000_000_000L;
            machine.cpu().halt(deadline);
            boolean woken = machine.cpu().nanoTime() < deadline;
            assertEquals(caching == Caching.UNCACHED, woken, caching.name());
            assertEquals(woken ? 0x4321 : 0, disk.get32(DATA));
            assertEquals(!woken, Guests.clauses(machine).contains("arm:message-unseen"), caching.name());
            if (!woken) {
                invalidate(DATA, 64);
                assertEquals(0x4321, disk.get32(DATA), "it is in memory");
                break;
            }
            acts.mapCaching(DATA, PAGE, Caching.WRITE_BACK);
        }
    }

    @Test
    void memoryBeginsAsNoiseOrZerosByTheSeed() {
        boolean zeros = false;
        boolean noise = false;
        byte[][] first = new byte[3][];
        for (int i = 0; i < 3; i++) {
            try (EmulatedMachine other = machine(i == 2 ? 8 : 7, VirtioOptions.DEFAULTS)) {
                MemorySegment ram = other.ram().getFirst().segment();
                ram.asSlice(DATA, 16 * PAGE).fill((byte) 0x55);
                other.privilegedActs().orElseThrow().execute(Instruction.CACHE_INVALIDATE, DATA, 16 * PAGE);
                first[i] = ram.asSlice(DATA, 16 * PAGE).toArray(ValueLayout.JAVA_BYTE);
                for (int page = 0; page < 16; page++) {
                    boolean zero =
                            Arrays.equals(new byte[PAGE], Arrays.copyOfRange(first[i], page * PAGE, (page + 1) * PAGE));
                    zeros |= zero;
                    noise |= !zero;
                }
            }
        }
        assertArrayEquals(first[0], first[1]);
        assertFalse(Arrays.equals(first[0], first[2]), "seeds 7 and 8");
        assertTrue(zeros && noise, "seeds 7 and 8");
    }

    @Test
    void rangesOutsideRamAreNotedAndNothingHappens() {
        acts.execute(Instruction.CACHE_CLEAN, 0x4000_0000L, 64);
        acts.execute(Instruction.CACHE_INVALIDATE, DATA, -1);
        acts.execute(Instruction.CACHE_CLEAN, DATA, 0);
        assertEquals(List.of("arm:outside-ram", "arm:outside-ram"), Guests.clauses(machine));
        assertNotEquals(0, PokedPlatform.transfer(disk, 0, 3, 0x4000_0000L, 512));
    }
}
