package dev.postern.dma;

import static dev.postern.dma.DmaDirection.BIDIRECTIONAL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.dma.debug.DmaLedger;
import dev.postern.dma.debug.StackCapture;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A correct driver and a device, both at random, against a model that knows only the contract: whatever the backend, the
 * driver's memory comes out byte for byte as the model says, and the device reads what the model says.
 */
final class ContextModelTest {

    private static final int SLOTS = 16;
    private static final int SLOT = 0x2000;
    private static final int STEPS = 600;

    /** What a device does with an address; for a direct backend the memory is the driver's own. */
    private interface Device {
        byte[] read(long dva, int length);

        void write(long dva, byte[] bytes);
    }

    private record Mapping(long token, int offset, int length, DmaDirection direction) {}

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 12);
    }

    @Nested
    final class Hostile {

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aHostileContextKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            HostileContext context =
                    DmaContexts.hostile(seed, ram.frames(), new DmaConstraints(40, 0x1800, 0x1_0000, 0x1ff), "blk0");
            DeviceView view = context.deviceView();
            run(seed, ram, context, new Device() {
                @Override
                public byte[] read(long dva, int length) {
                    return view.read(dva, length);
                }

                @Override
                public void write(long dva, byte[] bytes) {
                    view.write(dva, bytes);
                }
            });
        }
    }

    @Nested
    final class Direct {

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aDirectContextKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            long offset = 0x10_0000_0000L;
            DmaContext context = DmaContexts.open(
                    new DmaPlan.Direct(offset), DmaMemory.plain(ram.frames()), DmaConstraints.NONE, "blk0");
            run(seed, ram, context, new Device() {
                @Override
                public byte[] read(long dva, int length) {
                    return ram.get(dva - offset, length);
                }

                @Override
                public void write(long dva, byte[] bytes) {
                    ram.put(dva - offset, bytes);
                }
            });
        }
    }

    @Nested
    final class Bounced {

        /** Bytes that nobody wrote are kept here, as the model has it; where they are zeroed instead, other tests look. */
        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aBouncedContextKeepsTheContract(long seed) {
            SecureRam secure = new SecureRam();
            DmaContext context = secure.open(
                    secure.pool(256 << 10),
                    new DmaConstraints(64, 0x1800, 0x1_0000, 0x1ff),
                    new BounceRules(UsedLengthTrust.TRUSTED, UnwrittenBytes.KEPT));
            run(seed, secure.ram(), context, new Device() {
                @Override
                public byte[] read(long dva, int length) {
                    return secure.read(dva, length);
                }

                @Override
                public void write(long dva, byte[] bytes) {
                    secure.write(dva, bytes);
                }
            });
        }
    }

    private static void run(long seed, TestRam ram, DmaContext plain, Device device) {
        SplittableRandom random = new SplittableRandom(seed);
        DmaLedger ledger = new DmaLedger(StackCapture.OFF);
        long area = ram.buffer(SLOTS * SLOT);
        byte[] model = bytes(random, SLOTS * SLOT);
        ram.put(area, model);
        Mapping[] slots = new Mapping[SLOTS];
        List<String> history = new ArrayList<>();
        try (DmaContext context = ledger.audit(plain)) {
            for (int step = 0; step < STEPS; step++) {
                int slot = random.nextInt(SLOTS);
                Mapping mapping = slots[slot];
                if (mapping == null) {
                    int length = 1 + random.nextInt(0x1000);
                    int offset = slot * SLOT + random.nextInt(0x1000);
                    DmaDirection direction = DmaDirection.values()[random.nextInt(3)];
                    long token = context.map(area + offset, length, direction);
                    slots[slot] = new Mapping(token, offset, length, direction);
                    history.add("map " + slots[slot]);
                    continue;
                }
                history.add("use " + mapping);
                String story = "seed " + seed + ": " + history.subList(Math.max(0, history.size() - 8), history.size());
                long dva = context.deviceAddress(mapping.token());
                if (mapping.direction().deviceReads()) {
                    reads(random, context, device, ram, area, model, mapping, dva, story);
                }
                if (random.nextInt(2) == 0) {
                    finish(random, context, device, area, ram, model, mapping, dva, story);
                    slots[slot] = null;
                }
            }
            for (Mapping mapping : slots) {
                if (mapping != null) {
                    context.unmap(mapping.token(), mapping.length(), mapping.direction(), 0);
                }
            }
        }
        assertArrayEquals(model, ram.get(area, model.length), "seed " + seed);
        ledger.assertClean();
        assertEquals(List.of(), ledger.violations(), "seed " + seed);
    }

    /** The device reads all of it; then the driver changes a part between two syncs, and the device reads again. */
    private static void reads(
            SplittableRandom random,
            DmaContext context,
            Device device,
            TestRam ram,
            long area,
            byte[] model,
            Mapping mapping,
            long dva,
            String story) {
        assertArrayEquals(slice(model, mapping), device.read(dva, mapping.length()), story);
        int from = random.nextInt(mapping.length());
        int length = random.nextInt(mapping.length() - from + 1);
        context.syncForCpu(mapping.token(), from, length);
        byte[] change = bytes(random, length);
        ram.put(area + mapping.offset() + from, change);
        System.arraycopy(change, 0, model, mapping.offset() + from, length);
        context.syncForDevice(mapping.token(), from, length);
        assertArrayEquals(slice(model, mapping), device.read(dva, mapping.length()), story);
    }

    /** The device writes some bytes from the start and says so; the driver looks at them early, then unmaps. */
    private static void finish(
            SplittableRandom random,
            DmaContext context,
            Device device,
            long area,
            TestRam ram,
            byte[] model,
            Mapping mapping,
            long dva,
            String story) {
        int written = mapping.direction().deviceWrites() ? random.nextInt(mapping.length() + 1) : 0;
        byte[] data = bytes(random, written);
        if (written > 0) {
            device.write(dva, data);
            System.arraycopy(data, 0, model, mapping.offset(), written);
            int seen = random.nextInt(written + 1);
            context.syncForCpu(mapping.token(), 0, mapping.direction() == BIDIRECTIONAL ? seen : mapping.length());
            assertEquals(
                    -1,
                    ram.at(area + mapping.offset(), seen)
                            .mismatch(MemorySegment.ofArray(data).asSlice(0, seen)),
                    story);
        }
        context.unmap(mapping.token(), mapping.length(), mapping.direction(), written);
        assertEquals(
                -1,
                ram.at(area + mapping.offset(), mapping.length())
                        .mismatch(MemorySegment.ofArray(slice(model, mapping))),
                story);
    }

    private static byte[] slice(byte[] model, Mapping mapping) {
        return Arrays.copyOfRange(model, mapping.offset(), mapping.offset() + mapping.length());
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
