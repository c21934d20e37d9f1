package dev.postern.cli.bounce;

import dev.postern.app.Applications;
import dev.postern.app.Guest;
import dev.postern.app.Progress;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.boot.GuestMemory;
import dev.postern.cli.ExitStatus;
import dev.postern.cli.Failure;
import dev.postern.cli.leak.Canary;
import dev.postern.cli.leak.CanaryField;
import dev.postern.cli.leak.DeviceSide;
import dev.postern.cli.leak.LeakScan;
import dev.postern.cli.run.GuestWork;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PoolStatistics;
import dev.postern.lab.LabDevice;
import dev.postern.machine.Machine;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import dev.postern.platform.SharingFailedException;
import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Plants canaries, reads every disk to its end, compares each with its image, and searches the device side for canaries. One that
 * fails does not keep the others from being read; all of it is in the record.
 */
public final class BounceWork implements GuestWork {

    private static final String DIGEST = "digest";

    private final BounceRequest request;
    private final BounceRecord record;
    private final Progress progress;
    private final List<Canary> canaries;
    private DeviceSide deviceSide;
    private CanaryField field;

    /**
     * The work of one run.
     *
     * @param record filled as far as it comes
     * @param progress told of long work
     */
    public BounceWork(BounceRequest request, BounceRecord record, Progress progress) {
        this.request = request;
        this.record = record;
        this.progress = progress;
        canaries = Canary.ofSeed(request.boot().seed());
    }

    @Override
    public Watch watch() {
        return Watch.MEMORY_ACCESSES;
    }

    @Override
    public void machineReady(Machine machine) {
        deviceSide = DeviceSide.of(machine, request.boot().platform(), canaries);
    }

    @Override
    public void memoryReady(GuestMemory memory) {
        field = CanaryField.plant(memory.frames(), canaries);
        record.planted(field.plantedFrames(), field.heldFrames());
    }

    @Override
    public void guestReady(BootedGuest guest) throws IOException {
        Optional<PhysRange> leaked = request.control() == BounceRequest.LeakControl.SHARE_A_CANARY
                ? Optional.of(leak(sharedMemory(guest)))
                : Optional.empty();
        for (BlkDevice disk : guest.disks()) {
            disk.requestDeadline(request.deadline());
            DiskOutcome outcome = read(disk, guest);
            record.note(outcome);
            outcome.failure().ifPresent(failure -> fail(Failure.named(ExitStatus.FAILED, disk.name(), failure)));
        }
        look(guest);
        leaked.ifPresent(page -> sharedMemory(guest).free(page));
        field.release();
    }

    private static SharedMemory sharedMemory(BootedGuest guest) {
        return guest.memory()
                .shared()
                .orElseThrow(
                        () -> new IllegalStateException("nothing is shared on this platform: the call let it pass"));
    }

    /** What must never happen: private bytes in a page that devices reach. */
    private PhysRange leak(SharedMemory shared) throws IOException {
        try {
            PhysRange page = shared.allocate(FrameAllocator.FRAME_BYTES, FrameRequest.ANY);
            byte[] secret = canaries.getFirst().bytes();
            MemorySegment.copy(
                    MemorySegment.ofArray(secret),
                    0,
                    shared.frames().memory().slice(page.basePa(), page.length()),
                    page.length() / 2,
                    secret.length);
            return page;
        } catch (SharingFailedException | OutOfFramesException e) {
            throw new IOException("no page can be shared for --leak-control: " + e.getMessage(), e);
        }
    }

    private DiskOutcome read(BlkDevice disk, BootedGuest guest) {
        String plan = guest.devices().stream()
                .filter(device -> device.name().equals(disk.name()))
                .map(DeviceReport::plan)
                .findFirst()
                .orElseThrow();
        try {
            Guest alone = new Guest(List.of(disk), List.of(), guest.frames(), progress);
            String digest = Applications.named(DIGEST)
                    .orElseThrow()
                    .run(alone)
                    .byDevice()
                    .get(disk.name());
            Optional<String> expected = expected(disk.name());
            return new DiskOutcome(
                    disk.name(),
                    plan,
                    Optional.of(digest),
                    expected,
                    expected.filter(image -> !image.equals(digest)).map(_ -> difference(disk, digest)));
        } catch (IOException | DmaMappingException | OutOfFramesException e) {
            return new DiskOutcome(
                    disk.name(), plan, Optional.empty(), Optional.empty(), Optional.of(e.getMessage() + because()));
        }
    }

    private String difference(BlkDevice disk, String digest) {
        String zeros = digest.equals(ImageDigest.ofZeros(disk.configuration().capacityBytes()))
                ? "; every byte that arrived is zero"
                : "";
        return request.bounces()
                ? "the digest differs from that of the image" + zeros
                : "the digest differs: the device never saw the guest's buffers" + zeros + because();
    }

    private String because() {
        return request.forced()
                .map(plan -> switch (plan) {
                    case BOUNCED -> "";
                    case DIRECT ->
                        "; --force direct put rings and buffers into private memory, which the device cannot read";
                    case DIRECT_DATA ->
                        "; --force direct-data put buffers into private memory, which the device cannot reach";
                })
                .orElse("");
    }

    /** The digest of the image, read by this process; empty where the back-end that was joined has it. */
    private Optional<String> expected(String name) throws IOException {
        return request.boot().machine().socket().isPresent()
                ? Optional.empty()
                : Optional.of(ImageDigest.of(imageOf(name)));
    }

    /** Disks have their names in the order of the line. */
    private LabDevice.Block imageOf(String name) {
        List<LabDevice.Block> disks = request.boot().devices().stream()
                .filter(LabDevice.Block.class::isInstance)
                .map(LabDevice.Block.class::cast)
                .toList();
        return disks.get(Integer.parseInt(name.substring("blk".length())));
    }

    private void look(BootedGuest guest) throws IOException {
        guest.memory().pool().map(BouncePool::statistics).ifPresent(record::note);
        requireBouncing();
        record.quarantined(
                record.pool().map(PoolStatistics::quarantinedMappings).orElse(0L)
                        + guest.disks().stream()
                                .mapToLong(BlkDevice::quarantinedMappings)
                                .sum());
        guest.memory().shared().ifPresent(this::compare);
        LeakScan scan = deviceSide.scan();
        record.note(scan);
        if (!scan.sightings().isEmpty()) {
            fail(new Failure(
                    ExitStatus.FAILED,
                    "private memory has leaked: %s%s"
                            .formatted(
                                    scan.sightings().getFirst(),
                                    scan.sightings().size() == 1
                                            ? ""
                                            : ", and %d more"
                                                    .formatted(scan.sightings().size() - 1))));
        }
        scan.trouble().forEach(trouble -> fail(new Failure(ExitStatus.FAILED, trouble)));
    }

    /** A run in which nothing went through a pool proves nothing. */
    private void requireBouncing() {
        boolean readSomething = record.disks().stream()
                .anyMatch(disk -> disk.failure().isEmpty() && disk.digest().isPresent());
        long bounced = record.pool().map(PoolStatistics::bytesBounced).orElse(0L);
        if (request.bounces() && readSomething && bounced == 0) {
            fail(new Failure(
                    ExitStatus.FAILED,
                    "disks were read, but nothing went through a bounce pool: see which plan each device has"));
        }
    }

    private void compare(SharedMemory shared) {
        SharedNow now = SharedNow.of(shared, deviceSide.hostSharedBytes());
        record.note(now, shared.highWaterBytes());
        now.hostBytes().ifPresent(host -> {
            // A lost granule is in a state that nobody knows.
            if (Math.abs(host - now.bytes()) > now.lostBytes()) {
                fail(new Failure(
                        ExitStatus.FAILED,
                        "the guest has shared %d bytes, but the host has %d as shared".formatted(now.bytes(), host)));
            }
        });
    }

    private void fail(Failure failure) {
        record.boot().failed(failure);
    }
}
