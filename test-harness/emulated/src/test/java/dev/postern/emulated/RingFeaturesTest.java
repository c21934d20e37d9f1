package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.PokedPackedQueue.Element;
import dev.postern.machine.RegisterSpace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IN_ORDER on split queues, notification data, and the reset of one queue. */
class RingFeaturesTest {

    private static final int W = PokedDevice.WRITE;
    private static final int N = PokedDevice.NEXT;
    private static final VirtioOptions ALL = VirtioOptions.DEFAULTS.offer(34, 35, 36, 38, 39, 40);

    private static EmulatedMachine rng(RngFill fill) {
        return EmulatedMachine.builder().device(Rng.of().fill(fill).virtio(ALL)).build();
    }

    // ---- in order

    @Test
    void oneUsedElementStandsForABatchOfFullBuffers() {
        try (EmulatedMachine machine = rng(RngFill.FULL)) {
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1 | PokedDevice.IN_ORDER);
            int at = 0;
            for (int round = 0; round < 20_000; round++) {
                int many = 1 + round % 5;
                for (int i = 0; i < many; i++) {
                    int head = (at + i) % rng.queueSize;
                    rng.descriptor(head, rng.data(), 8 + i, W, 0);
                    rng.offer(head);
                }
                rng.put32(rng.used(0) + 4 + 8L * (at % rng.queueSize), 0xdead);
                rng.kick(0);
                assertTrue(rng.waitUsed(at + many), "round " + round);
                assertEquals(
                        (at + many - 1) % rng.queueSize, rng.usedId(at), "the last of the batch, at its first slot");
                assertEquals(8 + many - 1, rng.usedLength(at));
                at = at + many & 0xffff;
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aBufferThatIsNotFullEndsItsBatch() {
        try (EmulatedMachine machine = rng(RngFill.SHORT)) {
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1 | PokedDevice.IN_ORDER);
            for (int i = 0; i < 8; i++) {
                rng.descriptor(i, rng.data(), 1 << 20, W, 0);
                rng.offer(i);
            }
            rng.kick(0);
            rng.waitUsed(8);
            for (int i = 0; i < 8; i++) {
                assertEquals(i, rng.usedId(i));
                assertTrue(rng.usedLength(i) > 0 && rng.usedLength(i) < 1 << 20);
            }
        }
    }

    @Test
    void descriptorsOutOfOrderAreNoted() {
        try (EmulatedMachine machine = Guests.withDisk(ALL)) {
            PokedDevice disk = PokedDevice.first(machine, 2)
                    .start(PokedDevice.VERSION_1 | PokedDevice.IN_ORDER | PokedDevice.INDIRECT);
            disk.header(4, 0);
            disk.descriptor(0, disk.header(), 16, N, 2);
            disk.descriptor(2, disk.statusByte(), 1, W, 0);
            disk.offer(0);
            disk.kick(0);
            disk.waitUsed(1);
            assertEquals(List.of("split-ring:226"), Guests.clauses(machine));
            long table = disk.data();
            disk.descriptor(table, 0, disk.header(), 16, N, 2);
            disk.descriptor(table, 2, disk.statusByte(), 1, W, 0);
            disk.descriptor(3, table, 48, PokedDevice.INDIRECT_FLAG, 0);
            disk.offer(3);
            disk.kick(0);
            disk.waitUsed(2);
            assertEquals(List.of("split-ring:226", "split-ring:277"), Guests.clauses(machine));
        }
    }

    // ---- notifications

    @Test
    void splitNotificationDataIsTheAvailableIndex() {
        try (EmulatedMachine machine = rng(RngFill.FULL)) {
            PokedDevice rng =
                    PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1 | PokedDevice.NOTIFICATION_DATA);
            RegisterSpace registers = machine.registers();
            for (int i = 0; i < 70_000; i++) {
                rng.descriptor(0, rng.data(), 8, W, 0);
                rng.offer(0);
                registers.write32(rng.notify, (i + 1 & 0xffff) << 16);
                assertTrue(rng.waitUsed(i + 1 & 0xffff), "request " + i);
            }
            assertEquals(List.of(), machine.guestErrors());
            registers.write32(rng.notify, (70_000 + 1 & 0xffff) << 16);
            registers.write32(rng.notify, (70_000 & 0xffff) << 16 | 1);
            registers.write16(rng.notify, 0);
            assertEquals(List.of("content:476", "transport-pci:1113", "transport-pci:1106"), Guests.clauses(machine));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8})
    void packedNotificationDataIsTheNextDescriptorAndItsWrapCounter(int size) {
        try (EmulatedMachine machine = rng(RngFill.FULL)) {
            PokedDevice rng = PokedDevice.first(machine, 4);
            PokedPackedQueue queue = PokedPackedQueue.start(rng, PokedDevice.NOTIFICATION_DATA, size);
            RegisterSpace registers = machine.registers();
            registers.write32(rng.notify, queue.notificationData(0));
            for (int i = 0; i < 50; i++) {
                for (int many = 0; many <= i % size; many++) {
                    queue.offer(many, new Element(rng.data(), 8, W));
                }
                registers.write32(rng.notify, queue.notificationData(0));
                rng.settle();
                assertEquals(i % size + 1, queue.take(false).size());
                registers.write32(rng.notify, queue.notificationData(0));
            }
            assertEquals(List.of(), machine.guestErrors());
            int right = queue.notificationData(0);
            registers.write32(rng.notify, right ^ 1 << 31);
            registers.write32(rng.notify, size << 16);
            assertEquals(List.of("packed-ring:460", "packed-ring:460"), Guests.clauses(machine));
            if (size > 2) {
                registers.write32(rng.notify, (queue.nextAvailable + 1) % size << 16 | right & 1 << 31);
                assertEquals(3, machine.guestErrors().size());
            }
        }
    }

    @Test
    void aQueueIsNamedByWhatTheDeviceGave() {
        for (long format : new long[] {0, PokedDevice.NOTIFICATION_DATA}) {
            try (EmulatedMachine machine = EmulatedMachine.builder()
                    .device(SeededDisk.of(1 << 20, 42)
                            .options(DiskOptions.DEFAULTS.queues(3))
                            .virtio(ALL))
                    .build()) {
                PokedDevice disk = PokedDevice.first(machine, 2);
                RegisterSpace registers = machine.registers();
                assertEquals(0, registers.read16(disk.common + 56), "not negotiated yet");
                disk.start(PokedDevice.VERSION_1 | PokedDevice.NOTIF_CONFIG_DATA | format);
                int[] names = new int[3];
                for (int queue = 0; queue < 3; queue++) {
                    registers.write16(disk.common + 22, queue);
                    names[queue] = registers.read16(disk.common + 56);
                    assertNotEquals(queue, names[queue]);
                }
                assertNotEquals(names[0], names[1]);
                disk.header(4, 0);
                disk.descriptor(0, disk.header(), 16, N, 1);
                disk.descriptor(1, disk.statusByte(), 1, W, 0);
                disk.offer(0);
                if (format == 0) {
                    registers.write16(disk.notify, 0);
                } else {
                    registers.write32(disk.notify, 1 << 16);
                }
                disk.settle();
                assertEquals(0, disk.usedIndex());
                assertEquals(
                        List.of(format == 0 ? "transport-pci:1120" : "transport-pci:1123"), Guests.clauses(machine));
                if (format == 0) {
                    registers.write16(disk.notify, names[0]);
                } else {
                    registers.write32(disk.notify, 1 << 16 | names[0]);
                }
                assertTrue(disk.waitUsed(1));
                assertEquals(1, machine.guestErrors().size());
                registers.write16(disk.common + 56, 5);
                Guests.assertClause(machine, "transport-pci:500");
            }
        }
    }

    // ---- reset of one queue

    private static EmulatedMachine twoQueues(int resetReads) {
        return EmulatedMachine.builder()
                .device(SeededDisk.of(1 << 20, 42)
                        .options(DiskOptions.DEFAULTS.queues(2))
                        .virtio(ALL.resetReads(resetReads)))
                .build();
    }

    private static void select(PokedDevice disk, int queue) {
        disk.registers.write16(disk.common + 22, queue);
    }

    private static void flush(PokedDevice disk, PokedPackedQueue queue) {
        disk.header(4, 0);
        queue.offer(7, new Element(disk.header(), 16, 0), new Element(disk.statusByte(), 1, W));
        queue.kick();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void oneQueueIsResetAndEnabledAgainWithAnotherSizeWhileTheOtherRuns(int resetReads) {
        try (EmulatedMachine machine = twoQueues(resetReads)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            RegisterSpace registers = machine.registers();
            disk.negotiate(PokedDevice.VERSION_1 | PokedDevice.PACKED | PokedDevice.RING_RESET);
            PokedPackedQueue one = new PokedPackedQueue(disk, 0, 5);
            PokedPackedQueue two = new PokedPackedQueue(disk, 1, 6);
            one.enable(PokedDevice.NO_VECTOR);
            two.enable(PokedDevice.NO_VECTOR);
            disk.status(15);
            flush(disk, one);
            flush(disk, two);
            disk.settle();
            assertEquals(1, one.take(false).size());
            assertEquals(1, two.take(false).size());

            flush(disk, one);
            select(disk, 0);
            registers.write16(disk.common + 58, 1);
            for (int i = 0; i < resetReads; i++) {
                assertEquals(1, registers.read16(disk.common + 28), "enabled until the reset is done");
                assertEquals(1, registers.read16(disk.common + 58));
            }
            assertEquals(0, registers.read16(disk.common + 58));
            assertEquals(0, registers.read16(disk.common + 28));
            assertEquals(256, registers.read16(disk.common + 24), "the size is the largest again");
            assertEquals(0, registers.read32(disk.common + 32));
            disk.settle();
            assertFalse(one.hasUsed(), "what was available before the reset is not executed");
            flush(disk, two);
            disk.settle();
            assertEquals(1, two.take(false).size(), "the other queue goes on");
            assertEquals(List.of(), machine.guestErrors());

            PokedPackedQueue again = new PokedPackedQueue(disk, 0, 3);
            again.enable(PokedDevice.NO_VECTOR);
            assertEquals(0, registers.read16(disk.common + 58));
            assertEquals(1, registers.read16(disk.common + 28));
            for (int i = 0; i < 10; i++) {
                flush(disk, again);
                flush(disk, two);
                disk.settle();
                assertEquals(1, again.take(false).size());
                assertEquals(1, two.take(false).size());
            }
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void aQueueThatIsTouchedBeforeItsResetIsDoneStaysAsItIs() {
        try (EmulatedMachine machine = twoQueues(2)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1 | PokedDevice.RING_RESET);
            RegisterSpace registers = machine.registers();
            select(disk, 0);
            registers.write16(disk.common + 58, 1);
            registers.write16(disk.common + 24, 4);
            registers.write16(disk.common + 28, 1);
            assertEquals(List.of("transport-pci:517", "transport-pci:517"), Guests.clauses(machine));
            assertEquals(1, registers.read16(disk.common + 58));
            assertEquals(1, registers.read16(disk.common + 58));
            assertEquals(0, registers.read16(disk.common + 58));
            assertEquals(0, registers.read16(disk.common + 28));
            disk.kick(0);
            Guests.assertClause(machine, "transport-pci:509");
        }
    }

    @Test
    void aQueueIsNotResetUnlessThatWasNegotiated() {
        try (EmulatedMachine machine = twoQueues(0)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(PokedDevice.VERSION_1);
            disk.registers.write16(disk.common + 58, 1);
            assertEquals(1, disk.registers.read16(disk.common + 28));
            assertEquals(List.of("transport-pci:415"), Guests.clauses(machine));
            assertEquals(0, disk.request(0, 0, 512));
        }
    }

    @Test
    void aHungQueueWorksAgainAfterItsReset() {
        try (EmulatedMachine machine = EmulatedMachine.builder()
                .device(Rng.of().virtio(ALL.mischief(new dev.postern.emulated.mischief.HangAt(2))))
                .build()) {
            PokedDevice rng = PokedDevice.first(machine, 4).start(PokedDevice.VERSION_1 | PokedDevice.RING_RESET);
            for (int i = 0; i < 2; i++) {
                rng.descriptor(0, rng.data(), 8, W, 0);
                rng.offer(0);
                rng.kick(0);
                rng.settle();
            }
            assertEquals(1, rng.usedIndex());
            rng.registers.write16(rng.common + 58, 1);
            assertEquals(0, rng.registers.read16(rng.common + 58));
            rng.enableQueue(0, PokedDevice.NO_VECTOR);
            rng.descriptor(0, rng.data(), 8, W, 0);
            rng.offer(0);
            rng.kick(0);
            assertTrue(rng.waitUsed(1));
        }
    }
}
