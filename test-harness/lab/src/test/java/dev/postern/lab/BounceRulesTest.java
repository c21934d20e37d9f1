package dev.postern.lab;

import static dev.postern.dma.DmaDirection.*;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.GuestMemory;
import dev.postern.boot.PoolSize;
import dev.postern.dma.BounceRules;
import dev.postern.dma.CoherentBuffer;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaDirection;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaMisuseException;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.PoolFullException;
import dev.postern.dma.UnwrittenBytes;
import dev.postern.dma.UsedLengthTrust;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceDeadException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A pool of a booted guest, where the test is the device: it reads and writes at the addresses that a device would be given. */
@OnSecureEmulated
class BounceRulesTest {

    private static final int PAGE = 4096;
    private static final int LENGTH = 1000;
    private static final DmaPlan BOUNCED = new DmaPlan.Bounced(new DmaPlan.Direct(0));
    private static final byte SOIL = 0x5e;
    private static final byte BEFORE = (byte) 0xa5;
    private static final byte WRITTEN = 0x3c;

    @Parameter
    Setting setting;

    @ParameterizedTest
    @EnumSource(UnwrittenBytes.class)
    @Immunity(28)
    void row28WhatADeviceGetsToWriteToIsEmptyOrTheBufferItself(UnwrittenBytes unwritten) throws Exception {
        try (Probe probe = new Probe(new BounceRules(UsedLengthTrust.CLAMP, unwritten))) {
            probe.soil();
            probe.fill(BEFORE);
            long token = probe.dma.map(probe.pa(), LENGTH, FROM_DEVICE);
            byte expected = unwritten == UnwrittenBytes.ZEROED ? 0 : BEFORE;
            assertArrayEquals(all(expected, LENGTH), probe.seen(token, LENGTH));
            probe.dma.unmap(token, LENGTH, FROM_DEVICE, 0);
        }
    }

    @Test
    @Immunity(35)
    void row35WhatADeviceGetsToReadIsTheBufferAndNoByteMore() throws Exception {
        try (Probe probe = new Probe(BounceRules.CAUTIOUS)) {
            probe.trial.canary().plant(probe.bytes);
            probe.bytes.asSlice(PAGE / 2, LENGTH).fill(WRITTEN);
            for (DmaDirection direction : new DmaDirection[] {TO_DEVICE, BIDIRECTIONAL}) {
                long token = probe.dma.map(probe.pa() + PAGE / 2, LENGTH, direction);
                assertArrayEquals(all(WRITTEN, LENGTH), probe.seen(token, LENGTH), direction.toString());
                probe.dma.syncForDevice(token, 0, LENGTH);
                probe.dma.unmap(token, LENGTH, direction, 0);
            }
            assertEquals(List.of(), probe.trial.leaks(), "what lies beside it in its page");
            probe.fill((byte) 0);
        }
    }

    @ParameterizedTest
    @EnumSource(UsedLengthTrust.class)
    @Immunity(28)
    void row28OnlyWhatADeviceWroteComesBack(UsedLengthTrust trust) throws Exception {
        try (Probe probe = new Probe(new BounceRules(trust, UnwrittenBytes.ZEROED))) {
            probe.soil();
            probe.fill(BEFORE);
            long token = probe.dma.map(probe.pa(), LENGTH, FROM_DEVICE);
            probe.atDevice(token, LENGTH).asSlice(0, 100).fill(WRITTEN);
            probe.dma.unmap(token, LENGTH, FROM_DEVICE, 200);
            byte[] expected = all(BEFORE, PAGE);
            Arrays.fill(expected, 0, 100, WRITTEN);
            Arrays.fill(expected, 100, trust == UsedLengthTrust.IGNORE ? LENGTH : 200, (byte) 0);
            assertArrayEquals(expected, probe.bytes.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @ParameterizedTest
    @EnumSource(UsedLengthTrust.class)
    @Immunity(28)
    void row28AReportBeyondTheMappingIsCutOrRefused(UsedLengthTrust trust) throws Exception {
        try (Probe probe = new Probe(new BounceRules(trust, UnwrittenBytes.ZEROED))) {
            probe.fill(BEFORE);
            long token = probe.dma.map(probe.pa(), LENGTH, FROM_DEVICE);
            probe.atDevice(token, LENGTH).fill(WRITTEN);
            if (trust == UsedLengthTrust.TRUSTED) {
                assertThrows(DmaMisuseException.class, () -> probe.dma.unmap(token, LENGTH, FROM_DEVICE, LENGTH + 1));
                probe.dma.unmap(token, LENGTH, FROM_DEVICE, LENGTH);
            } else {
                probe.dma.unmap(token, LENGTH, FROM_DEVICE, LENGTH + 1);
            }
            byte[] expected = all(BEFORE, PAGE);
            Arrays.fill(expected, 0, LENGTH, WRITTEN);
            assertArrayEquals(expected, probe.bytes.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    @Immunity(29)
    void row29NoTwoOwnersEverHaveAByteInCommon() throws Exception {
        SplittableRandom random = new SplittableRandom(Seed.value());
        try (Probe probe = new Probe(BounceRules.CAUTIOUS)) {
            List<Owner> owners = new ArrayList<>();
            for (int turn = 0; turn < 2000; turn++) {
                if (random.nextInt(3) == 0 && !owners.isEmpty()) {
                    owners.remove(random.nextInt(owners.size())).end(probe);
                    continue;
                }
                Owner fresh;
                try {
                    fresh = random.nextInt(20) == 0
                            ? Owner.ofRing(probe, random.nextInt(1, 3 * PAGE))
                            : Owner.ofMapping(probe, random.nextInt(PAGE), random.nextInt(1, PAGE));
                } catch (PoolFullException e) {
                    owners.removeFirst().end(probe);
                    continue;
                }
                for (Owner other : owners) {
                    assertFalse(
                            fresh.range.overlaps(other.range),
                            "turn %d: %s and %s; %s".formatted(turn, fresh.range, other.range, Seed.words()));
                }
                owners.add(fresh);
            }
            for (Owner owner : owners) {
                owner.end(probe);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 7, 13, 31})
    @Immunity(30)
    void row30APoolOfAnOddSizeEndsWhereItEnds(int more) throws Exception {
        long granule = setting.platform() == PlatformKind.PSERIES_SVM ? 65536 : PAGE;
        long size = PoolOptions.SMALLEST_BYTES + more * granule;
        try (Probe probe = new Probe(BounceRules.CAUTIOUS, PoolSize.fixed(size))) {
            List<Owner> owners = new ArrayList<>();
            PoolFullException full = assertThrows(PoolFullException.class, () -> {
                while (true) {
                    Owner fresh = Owner.ofMapping(probe, 0, PAGE);
                    owners.add(fresh);
                    assertTrue(
                            probe.trial.pool().ranges().stream()
                                    .anyMatch(range -> range.contains(fresh.range.basePa(), fresh.range.length())),
                            fresh.range + " lies outside the pool");
                }
            });
            assertEquals(size / PAGE, owners.size(), full.getMessage());
            for (Owner owner : owners) {
                owner.end(probe);
            }
        }
    }

    @Test
    @Immunity(44)
    void row44WhatAHarnessCannotDoItDoesNotPretendToDo() {
        for (long bytes : new long[] {0, 1, PAGE, PoolOptions.SMALLEST_BYTES - 1, PoolOptions.SMALLEST_BYTES + 1}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Probe(BounceRules.CAUTIOUS, PoolSize.fixed(bytes)).close(),
                    bytes + " bytes");
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new Probe(BounceRules.CAUTIOUS, new PoolSize(1 << 20, 1 << 16)).close());
    }

    private static byte[] all(byte value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }

    /** A guest without devices, and a context for one that the test plays. */
    private final class Probe implements AutoCloseable {
        final Trial trial;
        final DmaContext dma;
        final PhysRange buffer;
        final MemorySegment bytes;

        Probe(BounceRules rules) throws Exception {
            this(rules, PoolSize.fixed(PoolOptions.SMALLEST_BYTES));
        }

        Probe(BounceRules rules, PoolSize pool) throws Exception {
            trial = Trial.boot(
                    setting,
                    options -> options.withPool(pool),
                    new LabMachine.Emulated(
                            EmulatedDevices.on(setting.platform()).build()));
            GuestMemory memory = trial.guest().memory();
            dma = DmaContexts.open(
                    BOUNCED,
                    new DmaMemory(memory.frames(), memory.shared(), memory.pool()),
                    DmaConstraints.NONE,
                    rules,
                    "probe");
            buffer = trial.buffer(2 * PAGE);
            bytes = trial.bytes(buffer).asSlice(0, PAGE);
        }

        long pa() {
            return buffer.basePa();
        }

        void fill(byte value) {
            bytes.fill(value);
        }

        /** Leaves something in the slots that are taken next. */
        void soil() {
            fill(SOIL);
            long[] tokens = new long[8];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = dma.map(pa(), LENGTH, TO_DEVICE);
            }
            for (long token : tokens) {
                dma.unmap(token, LENGTH, TO_DEVICE, 0);
            }
        }

        /** The memory that the device has at a mapping's address. */
        MemorySegment atDevice(long token, long length) {
            long pa = trial.paOf(dma.deviceAddress(token));
            assertTrue(
                    trial.machine().sharedPages().stream().anyMatch(range -> range.contains(pa, length)),
                    "a device does not reach 0x%x".formatted(pa));
            return trial.guest().frames().memory().slice(pa, length);
        }

        byte[] seen(long token, long length) {
            return atDevice(token, length).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void close() throws DeviceDeadException {
            dma.close();
            bytes.fill((byte) 0);
            trial.giveBack(buffer);
            trial.close();
        }
    }

    /** Who has a part of what devices reach: a mapping, or a ring. */
    private static final class Owner {
        final PhysRange range;
        private final long token;
        private final CoherentBuffer ring;

        private Owner(PhysRange range, long token, CoherentBuffer ring) {
            this.range = range;
            this.token = token;
            this.ring = ring;
        }

        static Owner ofMapping(Probe probe, int offset, int length) {
            long token = probe.dma.map(probe.pa() + offset, length, BIDIRECTIONAL);
            return new Owner(new PhysRange(probe.trial.paOf(probe.dma.deviceAddress(token)), length), token, null);
        }

        static Owner ofRing(Probe probe, int length) {
            CoherentBuffer ring = probe.dma.allocateCoherent(length, PAGE);
            return new Owner(new PhysRange(probe.trial.paOf(ring.deviceAddress()), length), 0, ring);
        }

        void end(Probe probe) {
            if (ring != null) {
                ring.close();
            } else {
                probe.dma.unmap(token, range.length(), BIDIRECTIONAL, range.length());
            }
        }
    }
}
