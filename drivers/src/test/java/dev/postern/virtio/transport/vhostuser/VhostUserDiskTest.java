package dev.postern.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.boot.Boot;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameRequest;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.RequestTimeoutException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkRequest;
import dev.postern.virtio.fake.DirectView;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest whose only disk is in another process, which dies, stands still, goes away and comes back as another. */
class VhostUserDiskTest {

    private static final int SECTORS = 256;
    private static final int BYTES = 4096;
    private static final long SECOND = 1_000_000_000;

    private final SimulatedCpu cpu = new SimulatedCpu(0);
    private final TestRam ram = new TestRam(16 << 20);
    private final FakeBackEnd backEnd = new FakeBackEnd(cpu);
    private final FakeDisk device = new FakeDisk(backEnd, new DirectView(ram), SECTORS);
    private final List<BootEvent> events = new ArrayList<>();
    private long buffers;

    private BootedGuest boot(InterruptMode mode) throws Exception {
        RamRegion region = new RamRegion(
                TestRam.BASE, ram.at(TestRam.BASE, 16 << 20), Optional.of(new RamRegion.Backing(42, 0, 4096)));
        cpu.device(device::work);
        BootedGuest guest = Boot.start(
                new FakeMachine(cpu, List.of(region), backEnd),
                BootOptions.defaults().withInterrupts(mode),
                events::add);
        buffers = guest.frames().allocate(16 * BYTES, FrameRequest.ANY).basePa();
        return guest;
    }

    private BlkRequest write(BlkDevice disk, int which) throws VirtioException {
        long pa = buffers + (long) which * BYTES;
        ram.at(pa, BYTES).fill((byte) (which + 1));
        return disk.submitWrite(which * 8L, pa, BYTES);
    }

    private byte[] written(int which) {
        byte[] bytes = new byte[BYTES];
        java.util.Arrays.fill(bytes, (byte) (which + 1));
        return bytes;
    }

    private byte[] onDisk(int which) {
        return java.util.Arrays.copyOfRange(device.image, which * BYTES, (which + 1) * BYTES);
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aMachineWithoutABusBootsFromItsChannels(InterruptMode mode) throws Exception {
        new Random(1).nextBytes(device.image);
        BootedGuest guest = boot(mode);
        assertTrue(guest.bus().isEmpty());
        assertEquals(
                1,
                events.stream()
                        .filter(BootEvent.ChannelsFound.class::isInstance)
                        .count());
        DeviceReport report = guest.devices().getFirst();
        assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
        assertEquals("vhost-user fake", report.location());
        assertEquals("Direct", report.plan());
        BlkDevice disk = guest.disks().getFirst();
        disk.read(8, buffers, BYTES);
        assertArrayEquals(onDisk(1), ram.get(buffers, BYTES));
        guest.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void requestsInFlightWhenTheBackEndDiesAreServedByItsSuccessor(InterruptMode mode) throws Exception {
        BootedGuest guest = boot(mode);
        BlkDevice disk = guest.disks().getFirst();
        device.willing = 3;
        List<BlkRequest> requests = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            requests.add(write(disk, i));
        }
        disk.kick();
        device.work();
        assertEquals(3, device.served);
        backEnd.hangUp();
        device.willing = Integer.MAX_VALUE;
        for (int i = 0; i < 8; i++) {
            disk.await(requests.get(i));
            assertArrayEquals(written(i), onDisk(i));
        }
        assertEquals(8, device.served, "three of them were answered before, and not sent again");
        assertEquals(1, disk.recoveries());
        assertTrue(cpu.elapsed() < SECOND, "noticed at once, or at the next look");
        guest.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void aBackEndThatIsAwayIsWaitedForAndEachDeadlineIsKept() throws Exception {
        BootedGuest guest = boot(InterruptMode.MSIX);
        BlkDevice disk = guest.disks().getFirst();
        device.willing = 0;
        disk.requestDeadline(Duration.ofSeconds(5));
        BlkRequest hasty = write(disk, 0);
        disk.requestDeadline(Duration.ofSeconds(60));
        BlkRequest patient = write(disk, 1);
        disk.kick();
        backEnd.die();
        String message = assertThrows(RequestTimeoutException.class, () -> disk.await(hasty))
                .getMessage();
        assertTrue(message.contains("the device is away: vhost-user fake: nobody listens: start it"), message);
        assertTrue(cpu.elapsed() < 7 * SECOND, "%d ns".formatted(cpu.elapsed()));
        assertTrue(!patient.done());
        // Nobody is lost who comes meanwhile.
        disk.requestDeadline(Duration.ofSeconds(3));
        assertThrows(RequestTimeoutException.class, () -> write(disk, 2));
        cpu.device(() -> {
            if (cpu.elapsed() > 20 * SECOND) {
                backEnd.there = true;
                device.willing = Integer.MAX_VALUE;
            }
            device.work();
        });
        disk.await(patient);
        assertArrayEquals(written(1), onDisk(1));
        assertTrue(cpu.elapsed() < 23 * SECOND, "%d ns".formatted(cpu.elapsed()));
        guest.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void aBackEndThatStandsStillIsEndedAndItsSuccessorServes() throws Exception {
        BootedGuest guest = boot(InterruptMode.MSIX);
        BlkDevice disk = guest.disks().getFirst();
        backEnd.owned = true;
        backEnd.stopped = true;
        backEnd.letsGo = false;
        BlkRequest request = write(disk, 0);
        disk.await(request);
        assertArrayEquals(written(0), onDisk(0));
        assertEquals(1, backEnd.powerCycles);
        assertTrue(cpu.elapsed() < 8 * SECOND, "long before the deadline: %d ns".formatted(cpu.elapsed()));
        guest.close();
    }

    @Test
    void aStrangerThatNeverLetsGoKeepsItsBuffersForEver() throws Exception {
        BootedGuest guest = boot(InterruptMode.MSIX);
        BlkDevice disk = guest.disks().getFirst();
        backEnd.stopped = true;
        backEnd.letsGo = false;
        BlkRequest request = write(disk, 0);
        String message = assertThrows(DeviceDeadException.class, () -> disk.await(request))
                .getMessage();
        assertTrue(message.contains("does not let go of memory"), message);
        assertEquals(1, disk.quarantinedMappings());
        assertThrows(DeviceDeadException.class, guest::close);
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void aSuccessorThatOffersLessIsNotUsedAndTheFeatureIsNamed() throws Exception {
        backEnd.features |= 1L << 9;
        BootedGuest guest = boot(InterruptMode.POLLED);
        BlkDevice disk = guest.disks().getFirst();
        backEnd.features &= ~(1L << 9);
        device.willing = 0;
        BlkRequest request = write(disk, 0);
        backEnd.hangUp();
        String message =
                assertThrows(VirtioException.class, () -> disk.await(request)).getMessage();
        assertTrue(message.contains("no longer offers flush: "), message);
        guest.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void aSuccessorWithAnotherCapacityIsBelieved() throws Exception {
        BootedGuest guest = boot(InterruptMode.POLLED);
        BlkDevice disk = guest.disks().getFirst();
        BlkRequest request = write(disk, 0);
        device.say(SECTORS / 2);
        backEnd.hangUp();
        disk.await(request);
        disk.await(write(disk, 1));
        disk.refresh();
        assertEquals(SECTORS / 2, disk.sectors());
        guest.close();
    }

    @Test
    void aBackEndThatDiesAgainAndAgainWhileItIsBroughtBackIsBroughtBackInTheEnd() throws Exception {
        BootedGuest guest = boot(InterruptMode.POLLED);
        BlkDevice disk = guest.disks().getFirst();
        BlkRequest request = write(disk, 0);
        int[] deaths = {0};
        backEnd.instead.put(12, _ -> {
            deaths[0]++;
            if (deaths[0] == 2) {
                backEnd.instead.clear();
            }
            backEnd.hangUp();
        });
        backEnd.hangUp();
        disk.await(request);
        assertArrayEquals(written(0), onDisk(0));
        assertEquals(2, deaths[0]);
        guest.close();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void nobodyThereAtBootIsOneLineInTheReport() throws Exception {
        backEnd.there = false;
        BootedGuest guest = boot(InterruptMode.POLLED);
        DeviceReport report = guest.devices().getFirst();
        assertEquals(DeviceReport.Result.FAILED, report.outcome());
        assertEquals("vhost-user fake: nobody listens: start it", report.why());
        guest.close();
        assertEquals(Set.of(), backEnd.open);
    }
}
