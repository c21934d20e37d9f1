package dev.postern.lab;

import dev.postern.boot.Boot;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.GuestMemory;
import dev.postern.boot.PoolSize;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.dma.debug.DmaLedger;
import dev.postern.dma.debug.StackCapture;
import dev.postern.emulated.DeviceMemoryAudit;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.GuestError;
import dev.postern.emulated.MachineBuilder;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.SharingMischief;
import dev.postern.machine.MachineDiedException;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.VirtioException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * One life of a guest with a small pool and a disk, on a host that does something wrong when pages change hands.
 *
 * @param ending how it went
 * @param lostBytes what the guest gave up; 0 when the guest had no memory yet
 * @param leftSharedBytes what devices could reach after the end; 0 when the platform had ended the guest
 * @param withinReach free pages that devices can reach, one line each: what the guest stores there they must not see all the same
 * @param problems what must not be, whatever the host does: leaks, and memory that nobody has
 * @param guestErrors what the platform or a device noted
 */
record SharingRun(
        Ending ending,
        long lostBytes,
        long leftSharedBytes,
        List<String> withinReach,
        List<String> problems,
        List<String> guestErrors) {

    private static final int SECTORS = 64;
    /** Little, so that many lives take little time. */
    private static final long RAM_BYTES = 32 << 20;

    private static final int INDIRECT_DESC = AdjustableFeature.INDIRECT_DESC.bit();

    /** How a life went. */
    enum Ending {
        /** No guest came up, and it said why. */
        NO_GUEST,
        /** The guest came up, and said why it has no disk. */
        NO_DISK,
        /** A request failed, and said so. */
        REQUEST_FAILED,
        /** A request seemed to succeed and gave wrong bytes. */
        WRONG_DATA,
        /** The platform ended the guest. */
        ENDED,
        /** The disk was served. */
        SERVED
    }

    /** Lives once. */
    static SharingRun on(PlatformKind platform, SharingMischief... acts) throws Exception {
        return new Life(platform, acts).live();
    }

    /** A life while it goes on. */
    private static final class Life {
        private final EmulatedMachine machine;
        private final Canary canary = new Canary(Seed.value());
        private final DmaLedger ledger = new DmaLedger(StackCapture.OFF);
        private final List<String> withinReach = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private GuestMemory memory;
        private long owned;

        Life(PlatformKind platform, SharingMischief... acts) {
            MachineBuilder builder = EmulatedDevices.on(platform)
                    .ramBytes(RAM_BYTES)
                    .device(SeededDisk.of(SECTORS * Misbehaving.SECTOR, Misbehaving.CONTENT)
                            .virtio(VirtioOptions.DEFAULTS.withhold(INDIRECT_DESC)));
            for (SharingMischief act : acts) {
                builder.mischief(act);
            }
            machine = builder.build();
        }

        SharingRun live() throws Exception {
            try (machine) {
                DeviceMemoryAudit audit = machine.audit();
                audit.watch(canary.needle());
                Ending ending;
                boolean alive = true;
                try {
                    ending = boot();
                } catch (MachineDiedException e) {
                    ending = Ending.ENDED;
                    alive = false;
                }
                audit.findInDeviceReads(canary.needle()).forEach(seen -> problems.add("a device read " + seen));
                long left = 0;
                if (alive) {
                    left = lookAround(audit);
                }
                long lost = memory == null ? 0 : memory.shared().orElseThrow().lostBytes();
                return new SharingRun(
                        ending,
                        lost,
                        left,
                        withinReach,
                        problems,
                        machine.guestErrors().stream().map(GuestError::toString).toList());
            }
        }

        private Ending boot() throws Exception {
            BootOptions options = BootOptions.defaults()
                    .withPool(PoolSize.fixed(PoolOptions.SMALLEST_BYTES))
                    .withContexts((plan, drawnOn, constraints, _, device) ->
                            ledger.audit(DmaContexts.open(plan, drawnOn, constraints, device)));
            BootedGuest guest;
            try {
                guest = Boot.start(machine, options, this::see);
            } catch (BootException e) {
                if (e.getMessage().contains("\n")) {
                    problems.add("not one line: " + e.getMessage());
                }
                return Ending.NO_GUEST;
            }
            try {
                return guest.disks().isEmpty() ? Ending.NO_DISK : use(guest);
            } finally {
                guest.close();
                ledger.assertClean();
            }
        }

        private void see(BootEvent event) {
            if (event instanceof BootEvent.MemoryReady(GuestMemory ready)) {
                memory = ready;
                owned = free() + ready.shared().orElseThrow().sharedBytes();
            }
        }

        private Ending use(BootedGuest guest) {
            FrameAllocator frames = guest.frames();
            PhysRange cage = frames.allocate(FrameAllocator.FRAME_BYTES, FrameRequest.ANY);
            canary.plant(frames.memory().slice(cage.basePa(), cage.length()));
            PhysRange buffer = frames.allocate(SECTORS * Misbehaving.SECTOR, FrameRequest.ANY);
            MemorySegment bytes = frames.memory().slice(buffer.basePa(), buffer.length());
            canary.plant(bytes);
            guest.disks().getFirst().requestDeadline(Duration.ofSeconds(1));
            try {
                guest.disks().getFirst().read(0, buffer.basePa(), buffer.length());
                byte[] expected = Arrays.copyOf(Misbehaving.content(), (int) buffer.length());
                return Arrays.equals(expected, bytes.toArray(ValueLayout.JAVA_BYTE))
                        ? Ending.SERVED
                        : Ending.WRONG_DATA;
            } catch (VirtioException | DmaMappingException e) {
                return Ending.REQUEST_FAILED;
            } finally {
                // Whoever gets these frames next must not be taken for a leak.
                bytes.fill((byte) 0);
                frames.memory().slice(cage.basePa(), cage.length()).fill((byte) 0);
                guest.disks().getFirst().release(buffer);
                frames.free(cage);
            }
        }

        /** After the end: nothing is shared but what was lost, and no frame that can be had is within sight of a device. */
        private long lookAround(DeviceMemoryAudit audit) {
            List<PhysRange> left = machine.sharedPages().ranges().stream()
                    .map(range -> new PhysRange(range.basePa(), range.length()))
                    .toList();
            if (memory != null) {
                if (free() != owned) {
                    problems.add("%d bytes are nobody's".formatted(owned - free()));
                }
                for (FrameAllocator frames : allocators()) {
                    for (PhysRange run : allOf(frames)) {
                        for (PhysRange open : left) {
                            if (run.overlaps(open)) {
                                withinReach.add("%s is free, and devices reach %s".formatted(run, open));
                                canary.plant(frames.memory().slice(run.basePa(), run.length()));
                            }
                        }
                    }
                }
            }
            audit.findInSharedPages(canary.needle()).forEach(pa -> problems.add("shared: 0x%x".formatted(pa)));
            return left.stream().mapToLong(PhysRange::length).sum();
        }

        /** Where sharing is kept to a part of RAM, that part has an allocator of its own. */
        private Set<FrameAllocator> allocators() {
            Set<FrameAllocator> all = Collections.newSetFromMap(new IdentityHashMap<>());
            all.add(memory.frames());
            all.add(memory.shared().orElseThrow().frames());
            return all;
        }

        /** What is free, or lost to the platform for good. */
        private long free() {
            return allocators().stream().mapToLong(FrameAllocator::freeBytes).sum()
                    + memory.shared().orElseThrow().lostBytes();
        }

        private static List<PhysRange> allOf(FrameAllocator frames) {
            List<PhysRange> all = new ArrayList<>();
            for (long size = 1 << 24; size >= FrameAllocator.FRAME_BYTES; size /= 2) {
                try {
                    while (true) {
                        all.add(frames.allocate(size, FrameRequest.ANY));
                    }
                } catch (OutOfFramesException e) {
                    // Smaller runs may be left.
                    continue;
                }
            }
            return all;
        }
    }
}
