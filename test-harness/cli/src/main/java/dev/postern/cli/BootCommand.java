package dev.postern.cli;

import dev.postern.app.Application;
import dev.postern.app.Applications;
import dev.postern.app.Progress;
import dev.postern.boot.BootException;
import dev.postern.cli.report.BootDocument;
import dev.postern.cli.report.BootLog;
import dev.postern.cli.report.LogBesideProgress;
import dev.postern.cli.report.Palette;
import dev.postern.cli.report.ProgressDisplay;
import dev.postern.cli.run.ApplicationWork;
import dev.postern.cli.run.BootListener;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.BootRun;
import dev.postern.cli.run.FlightRecording;
import dev.postern.cli.run.GuestWork;
import dev.postern.cli.words.NameList;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern boot}: a guest on a machine, its log, and its applications. */
@Command(
        name = "boot",
        description = "Boots a guest on a machine, drives its devices and runs applications on it.",
        sortOptions = false,
        footer = {
            "",
            "A device SPEC reads like QEMU's; ,, stands for a comma inside a value:",
            "  blk,file=disk.img,ro=on,features=-event_idx   an image; ro=off unless said",
            "  blk,size=64M,seed=7                           a disk in memory (emulated only)",
            "  rng,features=+packed                          an entropy device",
            "  root-port,id=rp0   bridge,id=br0              then bus=rp0 or bus=br0 on a device",
            "Of a disk besides, as the machine has it unless said; N takes K, M and G:",
            "  queues=N  queue-size=N  block-size=N  physical-block-size=N  min-io-size=N  opt-io-size=N",
            "  serial=TEXT  discard=on  write-zeroes=on  secure-erase=on  config-wce=on  write-cache=on",
            "  max-discard-sectors=N  max-discard-segments=N  discard-granularity=N  may-unmap=on",
            "  max-write-zeroes-sectors=N  max-write-zeroes-segments=N  cache=host|volatile",
            "  max-secure-erase-sectors=N  max-secure-erase-segments=N  zones=none|host-managed|host-aware",
            "  seg-max=N  seg-max-adjust=on  size-max=N",
            "  fail-read=SECTOR  fail-write=SECTOR  fail-discard=SECTOR  fail-write-zeroes=SECTOR  fail-flush=on",
            "Features, + offers and - withholds: packed (ring_packed), indirect_desc, event_idx, in_order,",
            "  notification_data, notif_config_data, ring_reset, access_platform, order_platform; of a disk also",
            "  seg_max, size_max, blk_size, flush, topology, config_wce, discard, write_zeroes, lifetime,",
            "  secure_erase, zoned. What a machine cannot do it says: vhost-user knows of file, ro, queues, block-size.",
            "",
            "The guest calls disks blk0, blk1 ... and entropy devices rng0 ... in the order of the line.",
            "",
            "  postern boot",
            "  postern boot --platform sev-snp",
            "  postern boot --device blk,file=disk.img,ro=on --app digest",
            "  postern boot --record boot.jfr",
            "  postern boot --machine qemu-q35 --device blk,file=a.img,ro=on --device blk,file=b.img --app clone",
            "  postern boot --machine vhost-user --device blk,file=disk.img,queues=2 --withhold event_idx",
            "  postern boot --machine vhost-user:/run/disk.sock"
        })
final class BootCommand implements Callable<Integer> {

    private final Streams streams;
    private final Map<String, String> environment;

    @Mixin
    private GuestOptions options = new GuestOptions();

    @Option(
            names = "--platform",
            paramLabel = "PRESET",
            description = "What surrounds the guest: plain (the default), sev-snp, tdx or pseries-svm.")
    private String platform = BootRequest.PLAIN;

    @Option(
            names = "--app",
            paramLabel = "NAME",
            description = "digest, clone, entropy, first-sector or read; repeat it. Without: digest if there is a disk,"
                    + " entropy if there is an rng.")
    private List<String> applications = List.of();

    @Option(
            names = "--dump-rings",
            description = "Shows the rings of every device at the end, and those that broke; these also where something"
                    + " fails.")
    private boolean dumpRings;

    @Option(names = "--json", description = "One JSON document on standard output, the log on standard error.")
    private boolean json;

    BootCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() throws BootException, IOException {
        BootRecord record = new BootRecord();
        try {
            BootRequest request = request();
            record.asked(request);
            run(request, record);
        } catch (BootException | IOException | RuntimeException | Error e) {
            record.failed(Failure.of(e));
            printDocument(record);
            throw e;
        }
        printDocument(record);
        record.failures().forEach(failure -> streams.err().println("postern: " + failure.message()));
        return record.status();
    }

    private void run(BootRequest request, BootRecord record) throws BootException, IOException {
        BootLog log = json
                ? new BootLog(streams.err(), palette(streams.terminal().colourErrors()))
                : new BootLog(streams.out(), palette(streams.terminal().colourOutput()));
        if (dumpRings) {
            log.showRings();
        }
        Optional<FlightRecording> recording = options.startRecording();
        try {
            run(request, record, log);
        } finally {
            if (recording.isPresent()) {
                recording.get().close();
                log.recorded(recording.get());
            }
        }
    }

    private void run(BootRequest request, BootRecord record, BootLog log) throws BootException, IOException {
        if (streams.terminal().errors() == Terminal.Kind.TERMINAL) {
            try (ProgressDisplay progress = new ProgressDisplay(streams.err())) {
                run(request, new LogBesideProgress(log, progress), progress, record);
            }
        } else {
            run(request, log, Progress.NONE, record);
        }
    }

    private static void run(BootRequest request, BootListener listener, Progress progress, BootRecord record)
            throws BootException, IOException {
        GuestWork work = new ApplicationWork(request.applications(), listener, progress, record);
        new BootRun(request, listener, work, record).run();
    }

    private static Palette palette(boolean colour) {
        return colour ? Palette.COLOUR : Palette.PLAIN;
    }

    private void printDocument(BootRecord record) {
        if (json) {
            streams.out().println(BootDocument.of(record));
        }
    }

    private BootRequest request() {
        if (!options.machine().emulated() && options.seed().isPresent()) {
            throw new WrongCallException("--seed has no effect on %s, which is not deterministic: leave it out"
                    .formatted(options.machine().word()));
        }
        options.machine().requirePlatform(platform);
        if (platform.equals(BootRequest.PLAIN) && options.poolBytes().isPresent()) {
            throw new WrongCallException(
                    "--pool has no effect on plain, where devices reach all of RAM: leave it out, or choose a secure"
                            + " --platform");
        }
        NameList apps = NameList.of(
                "application",
                Applications.shipped().stream().map(Application::name).toList());
        applications.forEach(apps::require);
        return options.request(platform, applications, environment, streams);
    }
}
