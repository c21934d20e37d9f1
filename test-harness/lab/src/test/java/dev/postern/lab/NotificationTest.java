package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_ONLY;
import static dev.postern.lab.Images.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.memory.PhysRange;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a notification says of its queue, beside the queue in memory in that moment. QEMU 7.2 offers neither data nor names. */
@Timeout(120)
class NotificationTest {

    private static final int QUEUES = 2;
    private static final int BURSTS = 60;

    @TempDir
    Path folder;

    /**
     * One way to notify.
     *
     * @param data whether notifications say how far the driver has come
     * @param names whether the device has names of its own for queues
     */
    record Notified(RingKind ring, boolean data, boolean names) {}

    static Stream<Notified> ways() {
        return Stream.of(RingKind.Format.values())
                .flatMap(format -> Stream.of(
                        RingKind.of(MachineKind.EMULATED, InterruptMode.POLLED, format, false, false),
                        RingKind.of(MachineKind.EMULATED, InterruptMode.MSIX, format, true, true)))
                .flatMap(ring -> Stream.of(
                        new Notified(ring.ofSize(16), false, false),
                        new Notified(ring.ofSize(16), true, false),
                        new Notified(ring.ofSize(16), false, true),
                        new Notified(ring.ofSize(16), true, true)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    @Clause({
        "packed-ring:460",
        "transport-pci:1103",
        "transport-pci:1106",
        "transport-pci:1110",
        "transport-pci:1113",
        "transport-pci:1120",
        "transport-pci:1123"
    })
    void aNotificationSaysWhatWasAgreedOn(Notified way) throws Exception {
        Path image = Images.random(folder, "image", 64 * SECTOR);
        LabDevice.Disk disk =
                way.ring().disk("d0", image, READ_ONLY, DiskSettings.NONE.with(DiskNumber.QUEUES, QUEUES));
        if (way.data()) {
            disk = disk.offering(AdjustableFeature.NOTIFICATION_DATA);
        }
        if (way.names()) {
            disk = disk.offering(AdjustableFeature.NOTIF_CONFIG_DATA);
        }
        LabMachine machine = LabMachine.open(MachineKind.EMULATED, List.of(disk));
        TappedRegisters registers = new TappedRegisters(machine.machine().registers());
        LabMachine tapped =
                new LabMachine.Overlaid(machine, OverlaidMachine.registers(machine.machine(), inside -> registers));
        try (Trial trial = Trial.boot(way.ring().setting(), tapped)) {
            RawVirtio raw = RawVirtio.of(trial).getFirst();
            List<Queue> queues = new ArrayList<>();
            for (int index = 0; index < QUEUES; index++) {
                int name = way.names() ? raw.notificationName(index) : index;
                LiveRing ring = LiveRing.of(
                        trial.machine().machine(), raw.places(index), way.ring().format());
                queues.add(new Queue(raw.notifyPa(index), name, ring));
            }
            assertNotEquals(queues.get(0).name, queues.get(1).name);
            registers.tap((pa, bytes, value) -> queues.stream()
                    .filter(queue -> queue.notifyPa == pa)
                    .filter(queue -> (value & 0xffff) == queue.name)
                    .forEach(queue -> queue.check(way.data(), bytes, value)));
            work(trial);
            for (Queue queue : queues) {
                assertTrue(queue.notifications > BURSTS / 4, "notifications: " + queue.notifications);
            }
            assertEquals(0, trial.disk(0).recoveries());
        }
    }

    /** Bursts of changing length, each to the next queue. */
    private static void work(Trial trial) throws Exception {
        BlkDevice disk = trial.disk(0);
        assertEquals(QUEUES, disk.queues());
        PhysRange buffer = trial.buffer(4 * SECTOR);
        for (int burst = 0; burst < BURSTS; burst++) {
            BlkRequest[] requests = new BlkRequest[1 + burst % 4];
            for (int i = 0; i < requests.length; i++) {
                requests[i] = disk.submitRead(burst + i, buffer.basePa() + (long) i * SECTOR, SECTOR);
            }
            for (BlkRequest request : requests) {
                disk.await(request);
            }
        }
        trial.giveBack(buffer);
    }

    /** A queue and what it was notified of. */
    private static final class Queue {
        private final long notifyPa;
        private final int name;
        private final LiveRing ring;
        private int notifications;

        Queue(long notifyPa, int name, LiveRing ring) {
            this.notifyPa = notifyPa;
            this.name = name;
            this.ring = ring;
        }

        void check(boolean data, int bytes, long value) {
            assertFalse(ring.madeAvailable().isEmpty(), "nothing is new");
            notifications++;
            assertEquals(data ? 4 : 2, bytes);
            assertEquals(data ? (long) ring.position() << 16 | name : name, value);
        }
    }
}
