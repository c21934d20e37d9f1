package dev.postern.cli.report;

import dev.postern.boot.DeviceReport;
import dev.postern.cli.bounce.BounceRecord;
import dev.postern.cli.bounce.BounceRequest;
import dev.postern.cli.bounce.DiskOutcome;
import dev.postern.cli.bounce.SharedNow;
import dev.postern.cli.leak.LeakScan;
import dev.postern.cli.leak.Sighting;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.FlightRecording;
import dev.postern.cli.run.HostSide;
import dev.postern.cli.words.ByteSize;
import dev.postern.dma.bounce.PoolStatistics;
import dev.postern.platform.SharedPurpose;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells a person how a bounce went, once it is over, however far it came. */
public final class BounceLog {

    private static final int MOST_SIGHTINGS = 8;

    private final LabelledLines lines;
    private final Palette palette;
    private final MachineLines machines;

    /**
     * A report.
     *
     * @param out where it goes
     * @param palette how it looks
     */
    public BounceLog(PrintStream out, Palette palette) {
        this.lines = new LabelledLines(out, palette);
        this.palette = palette;
        this.machines = new MachineLines(lines);
    }

    /** Prints what is known. */
    public void print(BounceRecord record) {
        record.request().ifPresent(request -> machine(request, record.boot().host()));
        PlatformLines platforms = new PlatformLines(lines);
        record.boot().platform().ifPresent(platforms::platform);
        record.boot().memory().pool().ifPresent(platforms::pool);
        record.disks().forEach(this::disk);
        record.boot().devices().stream()
                .filter(device -> device.outcome() != DeviceReport.Result.DRIVEN)
                .forEach(this::notDriven);
        record.pool().ifPresent(pool -> bounced(pool, record.quarantined()));
        record.shared().ifPresent(this::shared);
        record.scan().ifPresent(scan -> leaks(scan, record));
        ended(record);
    }

    /** There is a recording of the run. */
    public void recorded(FlightRecording recording) {
        lines.words("recording", recording.howToLook());
    }

    private void machine(BounceRequest request, HostSide host) {
        machines.machine(request.boot());
        request.forced()
                .ifPresent(plan -> lines.line(
                        "forced",
                        "%s, %d s for each request"
                                .formatted(plan.word(), request.deadline().toSeconds())));
        machines.host(request.boot(), host);
        machines.isolation(host);
    }

    private void disk(DiskOutcome disk) {
        lines.line(
                disk.name(),
                disk.plan() + "  " + (disk.failure().isEmpty() ? palette.good("read") : palette.bad("failed")));
        disk.digest().ifPresent(digest -> {
            boolean compared = disk.failure().isEmpty() && disk.expected().isPresent();
            lines.line("", "digest  " + digest + (compared ? "  as the image" : ""));
            if (disk.expected().isEmpty()) {
                lines.line("", "image   only the back-end has it: compare by yourself");
            }
        });
        if (!disk.digest().equals(disk.expected())) {
            disk.expected().ifPresent(digest -> lines.line("", "image   " + digest));
        }
        disk.failure().ifPresent(failure -> lines.words("", failure));
    }

    private void notDriven(DeviceReport device) {
        lines.line(
                device.name(),
                device.plan() + "  "
                        + palette.bad(device.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        lines.words("", device.why());
    }

    private void bounced(PoolStatistics pool, long quarantined) {
        lines.words(
                "bounced",
                "%s in %d mappings; at most %s of the pool's %s in use at once; %s"
                        .formatted(
                                ByteSize.human(pool.bytesBounced()),
                                pool.mappings(),
                                ByteSize.human(pool.highWaterBytes()),
                                ByteSize.human(pool.sizeBytes()),
                                quarantined == 0
                                        ? "nothing quarantined"
                                        : palette.bad(quarantined + " mappings quarantined")));
    }

    private void shared(SharedNow shared) {
        List<String> parts = new ArrayList<>();
        for (SharedPurpose purpose : SharedPurpose.values()) {
            Long bytes = shared.byPurpose().get(purpose);
            if (bytes != null) {
                parts.add("%s %d".formatted(purpose.words(), bytes / shared.pageBytes()));
            }
        }
        String host = shared.hostBytes().isEmpty()
                ? ""
                : shared.hostBytes().getAsLong() == shared.bytes()
                        ? "; the host has the same"
                        : palette.bad(
                                "; the host has %d".formatted(shared.hostBytes().getAsLong() / shared.pageBytes()));
        lines.words(
                "shared",
                "%d pages of %s: %s%s"
                        .formatted(shared.pages(), ByteSize.human(shared.pageBytes()), String.join(", ", parts), host));
    }

    private void leaks(LeakScan scan, BounceRecord record) {
        int count = scan.sightings().size();
        lines.words(
                "leaks",
                "%s; canaries in %d frames of the guest, %d of them held"
                        .formatted(
                                count == 0 ? palette.good("none") : palette.bad(Integer.toString(count)),
                                record.plantedFrames(),
                                record.heldFrames()));
        scan.sightings().stream().limit(MOST_SIGHTINGS).map(Sighting::toString).forEach(text -> lines.words("", text));
        scan.searched().forEach(text -> lines.words("", palette.faint("searched: ") + text));
    }

    private void ended(BounceRecord record) {
        boolean good = record.boot().failures().isEmpty();
        machines.recoveries(record.boot().recoveries());
        if (!good) {
            machines.channels(record.boot().channels());
        }
        lines.line(
                good ? "done" : "failed",
                "%d of %d disks read %s, in %.2f s"
                        .formatted(
                                record.disks().stream()
                                        .filter(disk -> disk.failure().isEmpty())
                                        .count(),
                                record.request()
                                        .map(BounceRequest::boot)
                                        .map(BootRequest::disks)
                                        .orElse(0L),
                                compared(record) ? "as their images are" : "to their end",
                                record.boot().nanos() / 1e9));
    }

    private static boolean compared(BounceRecord record) {
        return record.request()
                .filter(request -> request.boot().machine().socket().isPresent())
                .isEmpty();
    }
}
