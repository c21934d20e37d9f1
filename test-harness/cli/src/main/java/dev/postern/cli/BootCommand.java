package dev.postern.cli;

import dev.postern.app.Application;
import dev.postern.app.Applications;
import dev.postern.app.Progress;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.cli.device.DeviceParser;
import dev.postern.cli.report.BootDocument;
import dev.postern.cli.report.BootLog;
import dev.postern.cli.report.LogBesideProgress;
import dev.postern.cli.report.Palette;
import dev.postern.cli.report.ProgressDisplay;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.BootRun;
import dev.postern.cli.run.MachineChoice;
import dev.postern.cli.words.ByteSize;
import dev.postern.cli.words.NameList;
import dev.postern.quirks.decision.Presets;
import dev.postern.virtio.InterruptMode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
            "  rng                                           an entropy device",
            "  root-port,id=rp0   bridge,id=br0              then bus=rp0 or bus=br0 on a device",
            "The guest calls disks blk0, blk1 ... and entropy devices rng0 ... in the order of the line.",
            "",
            "  postern boot",
            "  postern boot --device blk,file=disk.img,ro=on --app digest",
            "  postern boot --machine qemu-q35 --device blk,file=a.img,ro=on --device blk,file=b.img --app clone"
        })
final class BootCommand implements Callable<Integer> {

    private static final Map<String, InterruptMode> INTERRUPT_MODES = new TreeMap<>(
            Map.of("msix", InterruptMode.MSIX, "intx", InterruptMode.INTX, "polled", InterruptMode.POLLED));

    private final Streams streams;

    @Option(names = "--machine", paramLabel = "MACHINE", description = "emulated (in this process) or qemu-q35.")
    private String machine = MachineChoice.EMULATED.word();

    @Option(names = "--platform", paramLabel = "PRESET", description = "What surrounds the guest: plain.")
    private String platform = Presets.plain().preset().value();

    @Option(
            names = "--device",
            paramLabel = "SPEC",
            description = "A device; repeat it. Without: 64 MiB of disk in memory (emulated only) and an rng.")
    private List<String> devices = List.of();

    @Option(names = "--irq", paramLabel = "MODE", description = "How drivers hear of devices: msix, intx or polled.")
    private String irq = "msix";

    @Option(
            names = "--app",
            paramLabel = "NAME",
            description =
                    "digest, clone or entropy; repeat it. Without: digest if there is a disk, entropy if there is an"
                            + " rng.")
    private List<String> applications = List.of();

    @Option(names = "--ram", paramLabel = "SIZE", description = "RAM of the machine, such as 128M (the default) or 5G.")
    private String ram = "128M";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of all that the emulated machine chooses, and of its disk in memory; 1 unless said.")
    private String seed;

    @Option(names = "--json", description = "One JSON document on standard output, the log on standard error.")
    private boolean json;

    BootCommand(Streams streams) {
        this.streams = streams;
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
        if (streams.terminal().errors() == Terminal.Kind.TERMINAL) {
            try (ProgressDisplay progress = new ProgressDisplay(streams.err())) {
                new BootRun(request, new LogBesideProgress(log, progress), progress, record).run();
            }
        } else {
            new BootRun(request, log, Progress.NONE, record).run();
        }
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
        MachineChoice choice = MachineChoice.named(machine);
        NameList.of("platform preset", Presets.names()).require(platform);
        NameList.of("interrupt mode", INTERRUPT_MODES.keySet()).require(irq);
        NameList apps = NameList.of(
                "application",
                Applications.shipped().stream().map(Application::name).toList());
        applications.forEach(apps::require);
        return BootRequest.of(
                choice,
                BootOptions.defaults().withPlatform(Presets.named(platform)).withInterrupts(INTERRUPT_MODES.get(irq)),
                DeviceParser.parse(devices),
                applications,
                ByteSize.parse("--ram", ram),
                seed());
    }

    private OptionalLong seed() {
        if (seed == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(seed));
        } catch (NumberFormatException e) {
            throw new WrongCallException(
                    "--seed '%s' is no whole number of 64 bits: give one such as 7".formatted(seed));
        }
    }
}
