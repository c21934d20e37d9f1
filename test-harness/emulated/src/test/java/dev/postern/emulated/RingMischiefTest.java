package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.PokedPackedQueue.Element;
import dev.postern.emulated.mischief.ChangeNumQueues;
import dev.postern.emulated.mischief.ChangeUsedAfter;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.GarbleNotificationWishes;
import dev.postern.emulated.mischief.GrowQueueSize;
import dev.postern.emulated.mischief.HideQueueEnable;
import dev.postern.emulated.mischief.InterruptStorm;
import dev.postern.emulated.mischief.InterruptStorm.Source;
import dev.postern.emulated.mischief.JumpUsedIndexAt;
import dev.postern.emulated.mischief.MiscountBatch;
import dev.postern.emulated.mischief.MisplaceUsed;
import dev.postern.emulated.mischief.NameBeyondBatch;
import dev.postern.emulated.mischief.NameFirstOfBatch;
import dev.postern.emulated.mischief.NameFreeId;
import dev.postern.emulated.mischief.NeverFinishQueueReset;
import dev.postern.emulated.mischief.OverstateUsedLength;
import dev.postern.emulated.mischief.PickUpUnannounced;
import dev.postern.emulated.mischief.RepeatUsed;
import dev.postern.emulated.mischief.ReuseUsedId;
import dev.postern.emulated.mischief.RewriteDescriptors;
import dev.postern.emulated.mischief.RewriteIndirectTable;
import dev.postern.emulated.mischief.ShiftUsedId;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.emulated.mischief.WrongWrapCounter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What adversaries do to the rings, in both formats, as the memory shows it. */
class RingMischiefTest {

    private static final int SIZE = 8;
    private static final int ROOM = 24;
    private static final int W = PokedDevice.WRITE;

    enum Format {
        SPLIT,
        PACKED
    }

    /** A source of entropy that misbehaves, and a queue with requests of one descriptor each, named by their slots. */
    private record Target(EmulatedMachine machine, PokedDevice rng, PokedPackedQueue packed) implements AutoCloseable {

        static Target open(Format format, long features, DeviceMischief... acts) {
            EmulatedMachine machine = EmulatedMachine.builder()
                    .completion(Completion.IN_SUBMISSION_ORDER)
                    .device(Rng.of()
                            .virtio(VirtioOptions.DEFAULTS.offer(34, 35, 40).mischief(acts)))
                    .build();
            PokedDevice rng = PokedDevice.first(machine, 4);
            rng.queueSize = SIZE;
            if (format == Format.PACKED) {
                return new Target(machine, rng, PokedPackedQueue.start(rng, features, SIZE));
            }
            rng.start(PokedDevice.VERSION_1 | features);
            return new Target(machine, rng, null);
        }

        static Target open(Format format, DeviceMischief... acts) {
            return open(format, 0, acts);
        }

        /** Makes requests available in slots from one on. */
        Target offer(int first, int count) {
            for (int slot = first; slot < first + count; slot++) {
                if (packed == null) {
                    rng.descriptor(slot, rng.data(), ROOM, W, 0);
                    rng.offer(slot);
                } else {
                    packed.offer(slot, new Element(rng.data(), ROOM, W));
                }
            }
            return this;
        }

        Target serve(int first, int count) {
            offer(first, count);
            rng.kick(0);
            rng.settle();
            return this;
        }

        int id(int slot) {
            return packed == null ? rng.usedId(slot) : rng.get16(packed.ring + 16L * slot + 12);
        }

        int length(int slot) {
            return packed == null ? rng.usedLength(slot) : rng.get32(packed.ring + 16L * slot + 8);
        }

        /** How many slots, from the first on, a driver takes for used in the first lap. */
        int used() {
            if (packed == null) {
                return rng.usedIndex();
            }
            int count = 0;
            while (count < SIZE && usedFlags(count) == (PokedPackedQueue.AVAIL | PokedPackedQueue.USED)) {
                count++;
            }
            return count;
        }

        int usedFlags(int slot) {
            return rng.get16(packed.ring + 16L * slot + 14) & (PokedPackedQueue.AVAIL | PokedPackedQueue.USED);
        }

        @Override
        public void close() {
            assertEquals(List.of(), machine.guestErrors());
            machine.close();
        }
    }

    // ---- ids and lengths

    @ParameterizedTest
    @EnumSource
    void anIdIsReplacedAtItsRequestAlone(Format format) {
        try (Target target = Target.open(format, new TamperUsedId(2, 0x1_0007)).serve(0, 3)) {
            assertEquals(3, target.used());
            assertEquals(0, target.id(0));
            assertEquals(format == Format.SPLIT ? 0x1_0007 : 7, target.id(1), "packed rings have 16 bits");
            assertEquals(2, target.id(2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anIdIsThatOfTheBufferBeforeOrANeighboursOrFree(Format format) {
        try (Target target = Target.open(format, new ReuseUsedId(3), new ShiftUsedId(4, 1), new NameFreeId(5))
                .serve(0, 6)) {
            assertEquals(1, target.id(2));
            assertEquals(4, target.id(3));
            assertEquals(7, target.id(4));
            assertEquals(5, target.id(5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLengthIsBeyondWhatWasOffered(Format format) {
        try (Target target = Target.open(
                        format,
                        new OverstateUsedLength(1, 1),
                        new OverstateUsedLength(2, 0xffff_ffffL - ROOM),
                        new TamperUsedLength(3, 0))
                .serve(0, 4)) {
            assertEquals(ROOM + 1, target.length(0));
            assertEquals(-1, target.length(1));
            assertEquals(0, target.length(2));
            assertEquals(ROOM, target.length(3));
        }
    }

    // ---- places

    @ParameterizedTest
    @EnumSource
    void aRequestIsPublishedTwiceAndTheQueueRests(Format format) {
        try (Target target = Target.open(format, new RepeatUsed(2)).serve(0, 2)) {
            assertEquals(3, target.used());
            assertEquals(1, target.id(1));
            assertEquals(1, target.id(2));
            target.serve(2, 1);
            assertEquals(format == Format.SPLIT ? 3 : 2, target.used(), "the driver's own descriptor is in its place");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aUsedElementLiesBehindItsPlace(Format format) {
        try (Target target = Target.open(format, new MisplaceUsed(2, 3)).serve(0, 2)) {
            assertEquals(format == Format.SPLIT ? 2 : 1, target.used());
            assertEquals(1, target.id(4));
            assertEquals(ROOM, target.length(4));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theIndexJumps(Format format) {
        try (Target target = Target.open(format, new JumpUsedIndexAt(2, 5)).serve(0, 2)) {
            assertEquals(6, target.used());
            assertEquals(0, target.length(4), "nothing was said of what was used");
        }
    }

    @Test
    void aPackedDescriptorIsMarkedForTheWrongLap() {
        try (Target target = Target.open(Format.PACKED, new WrongWrapCounter(2)).serve(0, 3)) {
            assertEquals(1, target.used());
            assertEquals(0, target.usedFlags(1));
            assertEquals(PokedPackedQueue.AVAIL | PokedPackedQueue.USED, target.usedFlags(2));
        }
    }

    // ---- batches in order

    @ParameterizedTest
    @EnumSource
    void aBatchIsCountedWrong(Format format) {
        try (Target target = Target.open(format, PokedDevice.IN_ORDER, new MiscountBatch(3, 2))
                .serve(0, 3)) {
            assertEquals(2, target.id(0), "one element for three requests");
            if (format == Format.SPLIT) {
                assertEquals(5, target.used());
            }
        }
        try (Target target = Target.open(Format.SPLIT, PokedDevice.IN_ORDER, new MiscountBatch(3, -2))
                .serve(0, 3)) {
            assertEquals(1, target.used());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBatchNamesItsFirstBuffer(Format format) {
        try (Target target = Target.open(format, PokedDevice.IN_ORDER, new NameFirstOfBatch(3))
                .serve(0, 3)) {
            assertEquals(0, target.id(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBatchNamesABufferThatWasNotServed(Format format) {
        try (Target target = Target.open(format, PokedDevice.IN_ORDER, new NameBeyondBatch(3))
                .serve(0, 5)) {
            assertEquals(3, target.id(0));
            if (format == Format.SPLIT) {
                assertEquals(3, target.used());
            }
            target.serve(5, 1);
            assertEquals(3, target.id(0), "the queue rests");
        }
    }

    // ---- what was published, and what the driver wrote

    @ParameterizedTest
    @EnumSource
    void anElementChangesForthAndBack(Format format) {
        try (Target target =
                Target.open(format, new ChangeUsedAfter(1, 5, 4096, 3)).offer(0, 1)) {
            target.rng.kick(0);
            int[] ids = new int[5];
            for (int turn = 0; turn < ids.length; turn++) {
                target.machine.cpu().relax();
                ids[turn] = target.id(0);
                assertEquals(ids[turn] == 0 ? ROOM : 4096, target.length(0));
                assertEquals(1, target.used());
            }
            assertEquals(
                    List.of(0, 5, 0, 5, 5), java.util.Arrays.stream(ids).boxed().toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void descriptorsAreOverwrittenBehindTheDriversBack(Format format) {
        try (Target target = Target.open(format, new RewriteDescriptors(1, PokedDevice.NEXT, 2))) {
            PokedDevice rng = target.rng;
            if (format == Format.SPLIT) {
                rng.descriptor(2, rng.data(), 8, W | PokedDevice.NEXT, 4);
                rng.descriptor(4, rng.data(), 8, W, 0);
                rng.offer(2);
            } else {
                target.packed.offer(2, new Element(rng.data(), 8, W), new Element(rng.data(), 8, W));
            }
            rng.kick(0);
            rng.settle();
            assertEquals(1, target.used());
            assertEquals(2, target.id(0));
            assertEquals(16, target.length(0));
            long last = format == Format.SPLIT ? rng.descriptors(0) + 16 * 4 : target.packed.ring + 16;
            assertEquals(-1, rng.get32(last));
            assertEquals(-1, rng.get32(last + 8));
            if (format == Format.SPLIT) {
                assertEquals(PokedDevice.NEXT, rng.get16(last + 12));
                assertEquals(2, rng.get16(last + 14));
                assertEquals(-1, rng.get32(rng.descriptors(0) + 16 * 2));
            } else {
                assertEquals(2, rng.get16(last + 12));
                assertEquals(PokedDevice.NEXT | PokedPackedQueue.AVAIL, rng.get16(last + 14));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anIndirectTableIsOverwrittenBehindTheDriversBack(Format format) {
        try (Target target =
                Target.open(format, PokedDevice.INDIRECT, new RewriteIndirectTable(1, PokedDevice.NEXT, 1))) {
            PokedDevice rng = target.rng;
            long table = rng.data() + 0x1000;
            if (format == Format.SPLIT) {
                rng.descriptor(table, 0, rng.data(), 8, W | PokedDevice.NEXT, 1);
                rng.descriptor(table, 1, rng.data(), 8, W, 0);
                rng.descriptor(0, table, 32, PokedDevice.INDIRECT_FLAG, 0);
                rng.offer(0);
            } else {
                target.packed.offerIndirect(
                        0, table, List.of(new Element(rng.data(), 8, W), new Element(rng.data(), 8, W)));
            }
            rng.kick(0);
            rng.settle();
            assertEquals(1, target.used());
            assertEquals(16, target.length(0));
            for (int entry = 0; entry < 2; entry++) {
                assertEquals(-1, rng.get32(table + 16 * entry));
                assertEquals(-1, rng.get32(table + 16 * entry + 8));
                assertEquals(1, rng.get16(table + 16 * entry + 12));
                assertEquals(1, rng.get16(table + 16 * entry + 14));
            }
        }
    }

    // ---- notifications

    @ParameterizedTest
    @EnumSource
    void interruptsComeForNoReasonUntilThereWereEnough(Format format) {
        try (Target target = Target.open(format, new InterruptStorm(2, 40, Source.USED_BUFFER))) {
            int isr = 0;
            target.serve(0, 1);
            assertEquals(1, target.machine.registers().read8(target.rng.isr));
            target.machine.cpu().relax();
            assertEquals(0, target.machine.registers().read8(target.rng.isr));
            target.offer(1, 1).rng.kick(0);
            for (int turn = 0; turn < 100; turn++) {
                target.machine.cpu().relax();
                isr += target.machine.registers().read8(target.rng.isr);
            }
            assertEquals(1 + 40, isr);
        }
    }

    @Test
    void aConfigurationChangeThatIsNoneIsTold() {
        try (Target target = Target.open(Format.SPLIT, new InterruptStorm(1, 1, Source.CONFIG_CHANGE))
                .serve(0, 1)) {
            assertEquals(3, target.machine.registers().read8(target.rng.isr));
            assertEquals(0x0f, target.rng.status());
        }
    }

    @ParameterizedTest
    @EnumSource
    void wishesForNotificationsAreGarbage(Format format) {
        try (Target target = Target.open(format, PokedDevice.EVENT_IDX, new GarbleNotificationWishes(3, 0x7fff))
                .serve(0, 1)) {
            long flags = format == Format.SPLIT ? target.rng.used(0) : target.packed.deviceArea + 2;
            long event = format == Format.SPLIT ? target.rng.used(0) + 4 + 8 * SIZE : target.packed.deviceArea;
            assertEquals(3, target.rng.get16(flags));
            assertEquals(0x7fff, target.rng.get16(event));
            assertEquals(1, target.used());
        }
    }

    @ParameterizedTest
    @EnumSource
    void buffersArePickedUpThatNobodyAnnounced(Format format) {
        try (Target target = Target.open(format, new PickUpUnannounced()).offer(0, 3)) {
            assertEquals(0, target.used());
            target.rng.settle();
            assertEquals(3, target.used());
            long deadline = target.machine.cpu().nanoTime() + 1_000_000_000L;
            target.machine.cpu().halt(deadline);
            target.machine.cpu().halt(deadline);
            assertEquals(deadline, target.machine.cpu().nanoTime(), "looking in vain is no work");
        }
    }

    // ---- registers

    @Test
    void aQueueGrowsWithItsReset() {
        try (Target target = Target.open(Format.SPLIT, PokedDevice.RING_RESET, new GrowQueueSize(4096))) {
            PokedDevice rng = target.rng;
            rng.registers.write16(rng.common + 58, 1);
            assertEquals(4096, rng.registers.read16(rng.common + 24));
            rng.start(PokedDevice.VERSION_1);
            target.serve(0, 1);
            assertEquals(1, target.used());
        }
        try (Target target = Target.open(Format.PACKED, new GrowQueueSize(1001))) {
            target.rng.negotiate(PokedDevice.VERSION_1 | PokedDevice.PACKED);
            assertEquals(1001, target.rng.registers.read16(target.rng.common + 24));
        }
    }

    @Test
    void theNumberOfQueuesIsAnotherTheSecondTime() {
        try (Target target = Target.open(Format.SPLIT, new ChangeNumQueues(77))) {
            assertEquals(1, target.rng.registers.read16(target.rng.common + 18));
            assertEquals(77, target.rng.registers.read16(target.rng.common + 18));
        }
    }

    @Test
    void queueEnableIsHiddenAndTheQueueWorks() {
        try (Target target = Target.open(Format.SPLIT, new HideQueueEnable()).serve(0, 1)) {
            assertEquals(0, target.rng.registers.read16(target.rng.common + 28));
            assertEquals(1, target.used());
        }
    }

    @Test
    void theResetOfAQueueNeverFinishes() {
        try (Target target = Target.open(Format.SPLIT, PokedDevice.RING_RESET, new NeverFinishQueueReset())) {
            PokedDevice rng = target.rng;
            rng.registers.write16(rng.common + 58, 1);
            for (int i = 0; i < 10_000; i++) {
                assertEquals(1, rng.registers.read16(rng.common + 58));
            }
            target.offer(0, 1);
            rng.settle();
            assertFalse(target.used() > 0);
            rng.start(PokedDevice.VERSION_1);
            target.serve(0, 1);
            assertTrue(target.used() > 0, "a reset of the device ends it");
            assertNotEquals(1, rng.registers.read16(rng.common + 58));
        }
    }
}
