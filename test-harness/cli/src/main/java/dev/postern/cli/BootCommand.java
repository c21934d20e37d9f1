package dev.postern.cli;

import dev.postern.app.Application;
import dev.postern.app.Applications;
import dev.postern.boot.BootOptions;
import dev.postern.cli.device.DeviceParser;
import dev.postern.cli.device.DeviceRequest;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.BootRun;
import dev.postern.cli.run.MachineChoice;
import dev.postern.cli.run.Outputs;
import dev.postern.cli.words.ByteSize;
import dev.postern.cli.words.NameList;
import dev.postern.quirks.decision.Presets;
import dev.postern.virtio.InterruptMode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
                    "digest, clone or entropy; repeat it. Without: digest if there is a disk, entropy if there is an rng.")
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
    public Integer call() {
        BootRequest request = request();
        Outputs outputs = json
                ? Outputs.document(streams.out(), streams.err(), streams.terminal().colourErrors())
                : Outputs.log(streams.out(), streams.err(), streams.terminal().colourOutput());
        return new BootRun(request, outputs, progressShown()).call();
    }

    private BootRequest request() {
        MachineChoice choice = MachineChoice.named(machine);
        NameList.of("platform preset", Presets.names()).require(platform);
        List<String> modes = Arrays.stream(InterruptMode.values())
                .map(mode -> mode.name().toLowerCase(Locale.ROOT))
                .toList();
        NameList.of("interrupt mode", modes).require(irq);
        NameList apps = NameList.of(
                "application",
                Applications.shipped().stream().map(Application::name).toList());
        applications.forEach(apps::require);
        List<DeviceRequest> parsed = DeviceParser.parse(devices);
        return BootRequest.of(
                choice,
                BootOptions.defaults()
                        .withPlatform(Presets.named(platform))
                        .withInterrupts(InterruptMode.valueOf(irq.toUpperCase(Locale.ROOT))),
                parsed,
                applications,
                ByteSize.parse("--ram", ram),
                seed == null ? java.util.OptionalLong.empty() : java.util.OptionalLong.of(parseSeed()));
    }
}
