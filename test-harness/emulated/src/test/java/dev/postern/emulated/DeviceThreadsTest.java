package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.PokedPackedQueue.Element;
import dev.postern.emulated.PokedPackedQueue.Used;
import dev.postern.emulated.mischief.ChangeUsedAfter;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.InterruptStorm;
import dev.postern.emulated.mischief.InterruptStorm.Source;
import dev.postern.emulated.mischief.PickUpUnannounced;
import dev.postern.machine.Cpu;
import dev.postern.machine.MachineDiedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices at work on a thread of their own. */
class DeviceThreadsTest {

    private static final long PATIENCE = 60_000_000_000L;
    private static final int W = PokedDevice.WRITE;

    private static EmulatedMachine own(DeviceSpec device) {
        return EmulatedMachine.builder()
                .deviceThreads(DeviceThreads.OWN)
                .device(device)
                .build();
    }

    private static EmulatedMachine rng(DeviceMischief... acts) {
        return own(Rng.of().virtio(VirtioOptions.DEFAULTS.offer(34, 35).mischief(acts)));
    }

    private static void await(Cpu cpu, String what, BooleanSupplier done) {
        long deadline = cpu.nanoTime() + PATIENCE;
        while (!done.getAsBoolean()) {
            assertTrue(cpu.nanoTime() < deadline, what);
            cpu.relax();
        }
        // What the index or the flags announce is read after them.
        VarHandle.acquireFence();
    }

    @Test
    void aHaltEndsWithTheInterrupt() {
        try (EmulatedMachine machine = own(SeededDisk.of(1 << 20, 42))) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            byte[] expected = new byte[512];
            for (int i = 0; i < 40; i++) {
                disk.header(0, i);
                disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
                disk.descriptor(1, disk.data(), 512, PokedDevice.NEXT | W, 2);
                disk.descriptor(2, disk.statusByte(), 1, W, 0);
                disk.offer(0);
                disk.kick(0);
                long deadline = machine.cpu().nanoTime() + PATIENCE;
                while (machine.registers().read8(disk.isr) == 0) {
                    assertTrue(machine.cpu().nanoTime() < deadline, "request " + i);
                    machine.cpu().halt(deadline);
                }
                VarHandle.acquireFence();
                assertEquals(i + 1, disk.usedIndex());
                assertEquals(0, disk.get8(disk.statusByte()));
                SeededContent.fill(42, 512L * i, MemorySegment.ofArray(expected));
                assertArrayEquals(expected, disk.data(512), "request " + i);
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aHaltEndsAtItsDeadlineAndTheClockIsReal() {
        try (EmulatedMachine machine = rng()) {
            long start = System.nanoTime();
            long deadline = machine.cpu().nanoTime() + 2_000_000;
            while (machine.cpu().nanoTime() < deadline) {
                machine.cpu().halt(deadline);
            }
            assertTrue(System.nanoTime() - start >= 2_000_000);
        }
    }

    /** The driver keeps adding while the device works, and takes back in whatever order. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 100})
    void aPackedQueueIsFilledWhileItIsServed(int size) {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (EmulatedMachine machine = rng()) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, PokedDevice.EVENT_IDX, size);
            VarHandle.fullFence();
            BitSet out = new BitSet();
            int[] lengths = new int[size];
            int served = 0;
            long deadline = machine.cpu().nanoTime() + PATIENCE;
            while (served < 2_000) {
                assertTrue(machine.cpu().nanoTime() < deadline, "seed " + seed + ", served " + served);
                while (queue.free() > 0 && random.nextInt(8) != 0) {
                    int id = out.nextClearBit(0);
                    int many = 1 + random.nextInt(Math.min(3, queue.free()));
                    List<Element> elements = new ArrayList<>();
                    lengths[id] = 0;
                    for (int i = 0; i < many; i++) {
                        elements.add(new Element(rng.data() + 64L * id, 1 + random.nextInt(60), W));
                        lengths[id] += elements.get(i).length();
                    }
                    VarHandle.releaseFence();
                    queue.offer(id, elements);
                    out.set(id);
                }
                VarHandle.fullFence();
                if (queue.wantsKick()) {
                    queue.kick();
                }
                for (Used used : queue.take(false)) {
                    assertTrue(out.get(used.id()), "seed " + seed);
                    assertEquals(lengths[used.id()], used.length(), "seed " + seed);
                    out.clear(used.id());
                    served++;
                }
                machine.cpu().relax();
            }
            assertEquals(List.of(), machine.guestErrors(), "seed " + seed);
        }
    }

    @Test
    void aSplitQueueIsFilledWhileItIsServed() {
        try (EmulatedMachine machine = rng()) {
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1);
            BitSet out = new BitSet();
            int taken = 0;
            int added = 0;
            long deadline = machine.cpu().nanoTime() + PATIENCE;
            while (taken < 5_000) {
                assertTrue(machine.cpu().nanoTime() < deadline, "taken " + taken);
                while (out.cardinality() < rng.queueSize && added - taken < 12) {
                    int head = out.nextClearBit(0);
                    rng.descriptor(head, rng.data() + 64L * head, 8 + head, W, 0);
                    out.set(head);
                    VarHandle.releaseFence();
                    rng.offer(head);
                    added++;
                }
                VarHandle.fullFence();
                rng.kick(0);
                int index = rng.usedIndex();
                VarHandle.acquireFence();
                while ((taken & 0xffff) != index) {
                    int id = rng.usedId(taken & 0xffff);
                    assertTrue(out.get(id), "id " + id);
                    assertEquals(8 + id, rng.usedLength(taken & 0xffff));
                    out.clear(id);
                    taken++;
                }
                machine.cpu().relax();
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aResetStopsADeviceThatIsAtWork() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (EmulatedMachine machine = own(SeededDisk.of(1 << 20, 42))) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            for (int round = 0; round < 30; round++) {
                disk.start(PokedDevice.VERSION_1);
                disk.header(0, 0);
                disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
                disk.descriptor(1, disk.data(), 4096, PokedDevice.NEXT | W, 2);
                disk.descriptor(2, disk.statusByte(), 1, W, 0);
                VarHandle.releaseFence();
                for (int i = 0; i < 16; i++) {
                    disk.offer(0);
                }
                VarHandle.fullFence();
                disk.kick(0);
                for (int i = random.nextInt(2000); i > 0; i--) {
                    machine.cpu().relax();
                }
                disk.reset();
                VarHandle.fullFence();
                disk.ram.asSlice(disk.used(0), 256).fill((byte) 0);
                disk.ram.asSlice(disk.data(), 4096).fill((byte) 0);
                for (int i = 0; i < 300; i++) {
                    machine.cpu().relax();
                }
                VarHandle.fullFence();
                assertEquals(-1L, disk.ram.asSlice(disk.used(0), 256).mismatch(MemorySegment.ofArray(new byte[256])));
                assertArrayEquals(
                        new byte[4096],
                        disk.ram.asSlice(disk.data(), 4096).toArray(ValueLayout.JAVA_BYTE),
                        "seed " + seed + ", round " + round);
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void registersAnswerWhileADeviceNeverRests() {
        try (EmulatedMachine machine =
                rng(new InterruptStorm(1, Long.MAX_VALUE, Source.USED_BUFFER), new PickUpUnannounced())) {
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1);
            for (int i = 0; i < 20; i++) {
                rng.descriptor(0, rng.data(), 8, W, 0);
                VarHandle.releaseFence();
                rng.offer(0);
                int expected = i + 1;
                await(machine.cpu(), "request " + i, () -> rng.usedIndex() == expected);
                assertEquals(0x0f, rng.status());
                await(machine.cpu(), "storm", () -> rng.registers.read8(rng.isr) == 1);
            }
            rng.reset();
            assertEquals(0, rng.registers.read8(rng.isr), "a reset ends the storm");
        }
    }

    @Test
    void anElementChangesUnderTheDriversEyes() {
        try (EmulatedMachine machine = rng(new ChangeUsedAfter(1, 7, 4096, Integer.MAX_VALUE))) {
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1);
            rng.descriptor(0, rng.data(), 8, W, 0);
            VarHandle.releaseFence();
            rng.offer(0);
            rng.kick(0);
            await(machine.cpu(), "used", () -> rng.usedIndex() == 1);
            for (int i = 0; i < 3; i++) {
                await(machine.cpu(), "the other id", () -> acquired(rng) == 7);
                await(machine.cpu(), "the right id", () -> acquired(rng) == 0);
            }
        }
    }

    private static int acquired(PokedDevice rng) {
        VarHandle.acquireFence();
        return rng.usedId(0);
    }

    @Test
    void closingEndsTheThreadWhateverItDoes() {
        Cpu cpu;
        List<Thread> before;
        try (EmulatedMachine machine =
                rng(new InterruptStorm(1, Long.MAX_VALUE, Source.USED_BUFFER), new PickUpUnannounced())) {
            cpu = machine.cpu();
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1);
            rng.descriptor(0, rng.data(), 8, W, 0);
            VarHandle.releaseFence();
            rng.offer(0);
            await(cpu, "used", () -> rng.usedIndex() == 1);
            before = deviceThreads();
            assertTrue(!before.isEmpty());
        }
        assertTrue(deviceThreads().size() < before.size());
        assertThrows(MachineDiedException.class, cpu::relax);
    }

    private static List<Thread> deviceThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("postern-devices"))
                .toList();
    }

    @Test
    void aGuestsOwnThreadHasNoOtherBesideIt() {
        List<Thread> before = deviceThreads();
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1).request(0, 0, 512);
            assertEquals(before.size(), deviceThreads().size());
        }
    }

    @Test
    void whatThreadsDoNotSuitIsRefused() {
        for (MachineBuilder builder : List.of(
                EmulatedMachine.builder().platform(Platform.TDX),
                EmulatedMachine.builder().auditDevices())) {
            String message = assertThrows(
                            MachineConfigurationException.class,
                            () -> builder.deviceThreads(DeviceThreads.OWN).build())
                    .getMessage();
            assertTrue(message.contains("leave deviceThreads out"), message);
        }
    }
}
