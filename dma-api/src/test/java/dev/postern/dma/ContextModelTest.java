package dev.postern.dma;

import static dev.postern.dma.DmaDirection.BIDIRECTIONAL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.dma.debug.DmaLedger;
import dev.postern.dma.debug.StackCapture;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
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

        /** What may happen at any time. */
        default void stir(SplittableRandom random) {}
    }

    /** For the backends whose fakes have methods of these shapes. */
    private static Device device(BiFunction<Long, Integer, byte[]> read, BiConsumer<Long, byte[]> write) {
        return new Device() {
            @Override
            public byte[] read(long dva, int length) {
                return read.apply(dva, length);
            }

            @Override
            public void write(long dva, byte[] bytes) {
                write.accept(dva, bytes);
            }
        };
    }

    /** The memory beneath the caches, at an offset. */
    private static Device beneath(FakeCaches caches, long offset) {
        return new Device() {
            @Override
            public byte[] read(long dva, int length) {
                return caches.read(dva - offset, length);
            }

            @Override
            public void write(long dva, byte[] bytes) {
                caches.write(dva - offset, bytes);
            }

            @Override
            public void stir(SplittableRandom random) {
                caches.stir(random);
            }
        };
    }

    private static BouncePool poolIn(TestRam ram) {
        return BouncePool.overFrames(
                ram.frames(), PoolOptions.fixed("test", 256 << 10).withAreas(1));
    }

    private static final BounceRules KEEPING = new BounceRules(UsedLengthTrust.TRUSTED, UnwrittenBytes.KEPT);

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
            DmaContext context =
                    secure.open(secure.pool(256 << 10), new DmaConstraints(64, 0x1800, 0x1_0000, 0x1ff), KEEPING);
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

    @Nested
    final class Granted {

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aGrantedContextKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            FakeGrantTable grants = new FakeGrantTable(ram);
            DmaMemory memory = DmaMemory.plain(ram.frames()).withGrants(grants);
            run(
                    seed,
                    ram,
                    DmaContexts.open(new DmaPlan.Granted(), memory, DmaConstraints.NONE, "blk0"),
                    device(grants::read, grants::write));
            assertEquals(0, grants.inUse(), "seed " + seed);
            assertTrue(grants.grants() > 100, "seed " + seed);
        }

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aContextBouncedOverGrantsKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            FakeGrantTable grants = new FakeGrantTable(ram);
            BouncePool pool = poolIn(ram);
            DmaMemory memory = DmaMemory.restricted(ram.frames(), pool).withGrants(grants);
            DmaPlan plan = new DmaPlan.Bounced(new DmaPlan.Granted());
            run(
                    seed,
                    ram,
                    DmaContexts.open(plan, memory, new DmaConstraints(64, 0x1800, 0, 0x1ff), KEEPING, "blk0"),
                    device(grants::read, grants::write));
            assertEquals(0, grants.inUse(), "seed " + seed);
            assertTrue(pool.statistics().bytesBounced() > 0, "seed " + seed);
        }
    }

    @Nested
    final class PageTranslated {

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aPageTranslatedContextKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            FakeMachineFrames numbers = new FakeMachineFrames(ram, seed, (int) (1 + seed % 3));
            DmaMemory memory = DmaMemory.plain(ram.frames()).withMachineFrames(numbers);
            run(
                    seed,
                    ram,
                    DmaContexts.open(new DmaPlan.PageTranslated(), memory, DmaConstraints.NONE, "blk0"),
                    device(numbers::read, numbers::write));
        }

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aContextBouncedOverMachinePagesKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            FakeMachineFrames numbers = new FakeMachineFrames(ram, seed, 1);
            DmaMemory memory = DmaMemory.restricted(ram.frames(), poolIn(ram)).withMachineFrames(numbers);
            DmaPlan plan = new DmaPlan.Bounced(new DmaPlan.PageTranslated());
            run(
                    seed,
                    ram,
                    DmaContexts.open(plan, memory, DmaConstraints.NONE, KEEPING, "blk0"),
                    device(numbers::read, numbers::write));
        }
    }

    @Nested
    final class NotSnooped {

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aContextForADeviceThatIsNotSnoopedKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            FakeCaches caches = new FakeCaches(ram, 32 << seed % 3);
            long offset = seed % 2 == 0 ? 0 : 0x10_0000_0000L;
            DmaMemory memory = DmaMemory.plain(ram.frames()).withCaches(caches);
            run(
                    seed,
                    ram,
                    DmaContexts.open(new DmaPlan.Direct(offset), memory, DmaConstraints.NONE, "blk0"),
                    beneath(caches, offset));
        }

        @ParameterizedTest
        @MethodSource("dev.postern.dma.ContextModelTest#seeds")
        void aBouncedContextForADeviceThatIsNotSnoopedKeepsTheContract(long seed) {
            TestRam ram = new TestRam();
            FakeCaches caches = new FakeCaches(ram, 32 << seed % 3);
            PhysRange range = ram.frames().allocate(256 << 10, FrameRequest.ANY);
            BouncePool pool = BouncePool.restricted("dma@0", ram.frames().memory(), range);
            DmaMemory memory = DmaMemory.restricted(ram.frames(), pool).withCaches(caches);
            DmaPlan plan = new DmaPlan.Bounced(new DmaPlan.Direct(0));
            run(seed, ram, DmaContexts.open(plan, memory, DmaConstraints.NONE, KEEPING, "blk0"), beneath(caches, 0));
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
                device.stir(random);
                int slot = random.nextInt(SLOTS);
                Mapping mapping = slots[slot];
                if (mapping == null) {
                    // Half of them begin and end where cache lines do.
                    int grain = random.nextBoolean() ? 1 : 128;
                    int length = 1 + random.nextInt(0x1000) + grain - 1 & -grain;
                    int offset = slot * SLOT + (random.nextInt(0x1000) & -grain);
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
            device.stir(random);
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
