package dev.postern.cli;

import dev.postern.app.Progress;
import dev.postern.boot.BootException;
import dev.postern.boot.ForcedPlan;
import dev.postern.cli.bounce.BounceRecord;
import dev.postern.cli.bounce.BounceRequest;
import dev.postern.cli.bounce.BounceWork;
import dev.postern.cli.report.BounceDocument;
import dev.postern.cli.report.BounceLog;
import dev.postern.cli.report.Palette;
import dev.postern.cli.report.ProgressDisplay;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.BootRun;
import dev.postern.cli.run.FlightRecording;
import dev.postern.cli.run.SilentListener;
import dev.postern.cli.words.NameList;
import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern bounce}: what a secure guest's devices get to see, and what they must not. */
@Command(
        name = "bounce",
        description =
                "Boots a secure guest, reads every disk through its bounce pool, and looks for private memory where"
                        + " devices can read it.",
        sortOptions = false,
        footer = {
            "",
            "Forced plans show what goes wrong without the pool:",
            "  bounced      what is decided anyway; on plain, where nothing needs it, a pool all the same",
            "  direct       rings and buffers in private memory: the device finds no request",
            "  direct-data  buffers in private memory: the device's data never arrives",
            "",
            "  postern bounce --platform sev-snp",
            "  postern bounce --platform tdx --machine qemu-q35 --device blk,file=disk.img,ro=on",
            "  postern bounce --platform sev-snp --machine vhost-user --device blk,file=disk.img,ro=on",
            "  postern bounce --platform sev-snp --force direct"
        })
final class BounceCommand implements Callable<Integer> {

    private static final Duration FORCED_DEADLINE = Duration.ofSeconds(2);
    private static final long MOST_SECONDS = 3600;

    private final Streams streams;
    private final Map<String, String> environment;

    @Option(
            names = "--platform",
            paramLabel = "PRESET",
            description = "What surrounds the guest: sev-snp, tdx or pseries-svm; plain with --force bounced alone.")
    private String platform;

    @Mixin
    private GuestOptions options = new GuestOptions();

    @Option(
            names = "--force",
            paramLabel = "PLAN",
            description = "A plan in place of the decision's: bounced, direct or direct-data.")
    private String force;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            description = "How long a disk may take for a request: 30, or 2 where a plan is forced that cannot work.")
    private String deadline;

    @Option(
            names = "--leak-control",
            description = "Copies a canary into a shared page, which the search must find: exit status 1.")
    private boolean leakControl;

    @Option(names = "--json", description = "One JSON document on standard output, the report on standard error.")
    private boolean json;

    BounceCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() throws BootException, IOException {
        BounceRecord record = new BounceRecord(new BootRecord());
        Optional<FlightRecording> recording = Optional.empty();
        try {
            BounceRequest request = request();
            record.asked(request);
            recording = options.startRecording();
            run(request, record);
        } catch (BootException | IOException | RuntimeException | Error e) {
            record.boot().failed(Failure.of(e));
            report(record, recording);
            throw e;
        }
        report(record, recording);
        record.boot().failures().forEach(failure -> streams.err().println("postern: " + failure.message()));
        return record.boot().status();
    }

    private void run(BounceRequest request, BounceRecord record) throws BootException, IOException {
        if (streams.terminal().errors() == Terminal.Kind.TERMINAL) {
            try (ProgressDisplay progress = new ProgressDisplay(streams.err())) {
                run(request, record, progress);
            }
        } else {
            run(request, record, Progress.NONE);
        }
    }

    private static void run(BounceRequest request, BounceRecord record, Progress progress)
            throws BootException, IOException {
        BounceWork work = new BounceWork(request, record, progress);
        new BootRun(request.boot(), new SilentListener(), work, record.boot()).run();
    }

    /** A wrong call has nothing to report but its one line, and as a document that line too. */
    private void report(BounceRecord record, Optional<FlightRecording> recording) throws IOException {
        if (recording.isPresent()) {
            recording.get().close();
        }
        if (json) {
            streams.out().println(BounceDocument.of(record));
        }
        if (record.request().isPresent() && record.boot().status() != ExitStatus.WRONG_CALL) {
            boolean colour = json
                    ? streams.terminal().colourErrors()
                    : streams.terminal().colourOutput();
            BounceLog log =
                    new BounceLog(json ? streams.err() : streams.out(), colour ? Palette.COLOUR : Palette.PLAIN);
            log.print(record);
            recording.ifPresent(log::recorded);
        }
    }

    private BounceRequest request() {
        options.machine();
        requirePlatform();
        Optional<ForcedPlan> plan = plan();
        BootRequest boot = options.request(platform, List.of(), environment, streams);
        if (boot.disks() == 0) {
            throw new WrongCallException("bounce reads disks, and there is none: add --device blk,file=FILE,ro=on");
        }
        return new BounceRequest(
                boot.booting(plan.map(boot.options()::withForced).orElse(boot.options())),
                plan,
                deadline(plan),
                leakControl ? BounceRequest.LeakControl.SHARE_A_CANARY : BounceRequest.LeakControl.NONE);
    }

    private void requirePlatform() {
        if (platform == null) {
            throw new WrongCallException(
                    "bounce needs a platform: write --platform with one of " + String.join(", ", securePlatforms()));
        }
        options.machine().requirePlatform(platform);
        if (securePlatforms().contains(platform)) {
            return;
        }
        if (!platform.equals(BootRequest.PLAIN)) {
            throw new WrongCallException(
                    "bounce looks for private memory, which %s has not: write postern boot --platform %s, or one of %s"
                            .formatted(platform, platform, String.join(", ", securePlatforms())));
        }
        if (leakControl) {
            throw new WrongCallException(
                    "--leak-control needs private memory, which plain has not: write --platform with one of "
                            + String.join(", ", securePlatforms()));
        }
        if (force == null) {
            throw new WrongCallException(
                    "nothing bounces on plain: write --platform with one of %s, or add --force bounced"
                            .formatted(String.join(", ", securePlatforms())));
        }
    }

    private List<String> securePlatforms() {
        return options.machine().securePlatforms();
    }

    private Optional<ForcedPlan> plan() {
        if (force == null) {
            return Optional.empty();
        }
        NameList.of(
                        "plan",
                        Arrays.stream(ForcedPlan.values()).map(ForcedPlan::word).toList())
                .require(force);
        ForcedPlan plan = Arrays.stream(ForcedPlan.values())
                .filter(each -> each.word().equals(force))
                .findFirst()
                .orElseThrow();
        if (platform.equals(BootRequest.PLAIN) && plan != ForcedPlan.BOUNCED) {
            throw new WrongCallException(
                    "plan '%s' is about private memory, which plain has not: choose from %s, or another --platform"
                            .formatted(force, ForcedPlan.BOUNCED.word()));
        }
        return Optional.of(plan);
    }

    private Duration deadline(Optional<ForcedPlan> plan) {
        if (deadline == null) {
            return plan.filter(forced -> forced != ForcedPlan.BOUNCED).isPresent()
                    ? FORCED_DEADLINE
                    : BlkDevice.DEFAULT_DEADLINE;
        }
        long seconds = deadline.matches("[0-9]{1,9}") ? Long.parseLong(deadline) : 0;
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new WrongCallException(
                    "--deadline '%s': give whole seconds, from 1 to %d".formatted(deadline, MOST_SECONDS));
        }
        return Duration.ofSeconds(seconds);
    }
}
