package dev.postern.cli.report;

import dev.postern.app.ApplicationResult;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootedGuest;
import dev.postern.bus.pci.PciTree;
import dev.postern.cli.run.ApplicationRun;
import dev.postern.cli.run.BootListener;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.FlightRecording;
import dev.postern.cli.run.FoundPlatform;
import dev.postern.cli.run.HostSide;
import dev.postern.cli.run.MemoryLayout;
import dev.postern.cli.words.ByteSize;
import dev.postern.firmware.acpi.AcpiTable;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.machine.Channel;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tells a person what happens, while it happens. */
public final class BootLog implements BootListener {

    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintStream out;
    private final LabelledLines lines;
    private final Palette palette;
    private final MachineLines machines;
    private final DeviceLines devices;
    private final PlatformLines platforms;
    private boolean ringsShown;

    /**
     * A log.
     *
     * @param out where it goes
     * @param palette how it looks
     */
    public BootLog(PrintStream out, Palette palette) {
        this.out = out;
        this.lines = new LabelledLines(out, palette);
        this.palette = palette;
        this.machines = new MachineLines(lines);
        this.devices = new DeviceLines(lines, palette);
        this.platforms = new PlatformLines(lines);
    }

    @Override
    public void machineReady(BootRequest request, HostSide host) {
        machines.machine(request);
        machines.host(request, host);
        // A plain guest has nothing to keep from anybody.
        if (!request.platform().equals(BootRequest.PLAIN)) {
            machines.isolation(host);
        }
        request.note().ifPresent(note -> lines.words("note", note));
    }

    @Override
    public void booting(BootEvent event) {
        switch (event) {
            case BootEvent.PlatformDetected detected -> platforms.platform(FoundPlatform.of(detected.platform()));
            case BootEvent.MemoryReady ready -> {
                MemoryLayout memory = MemoryLayout.of(ready.memory());
                listed("memory", MemoryMap.lines(memory.parts()));
                memory.pool().ifPresent(platforms::pool);
            }
            case BootEvent.FirmwareRead read -> {
                lines.words("firmware", read.source());
                read.tables().ifPresent(this::tables);
            }
            case BootEvent.BusEnumerated bus -> bus(bus.tree());
            case BootEvent.ChannelsFound found ->
                listed("channels", found.channels().stream().map(Channel::name).toList());
            case BootEvent.DeviceProbed probed -> devices.print(probed.report());
        }
    }

    private void tables(AcpiTables tables) {
        lines.words(
                "",
                "tables: " + tables.tables().stream().map(AcpiTable::toString).collect(Collectors.joining(", ")));
    }

    private void bus(PciTree tree) {
        listed("bus", BusDrawing.lines(tree));
        tree.host().warnings().forEach(warning -> lines.words("", warning));
        tree.warnings().forEach(warning -> lines.words("", warning));
    }

    private void listed(String label, List<String> texts) {
        for (int i = 0; i < texts.size(); i++) {
            lines.line(i == 0 ? label : "", texts.get(i));
        }
    }

    @Override
    public void applicationDone(ApplicationRun run) {
        run.failure().ifPresent(failure -> lines.words(run.name(), palette.bad("failed") + ": " + failure));
        run.result().ifPresent(result -> result(run, result));
    }

    private void result(ApplicationRun run, ApplicationResult result) {
        listed(
                run.name(),
                result.byDevice().entrySet().stream()
                        .map(entry -> "%-6s %s".formatted(entry.getKey(), entry.getValue()))
                        .toList());
        lines.line("", palette.faint(effort(result.bytes(), run.nanos())));
    }

    /** How much in which time; the rate only where there was enough to measure one. */
    private static String effort(long bytes, long nanos) {
        double seconds = nanos / NANOS_PER_SECOND;
        String done = "%s in %s".formatted(ByteSize.human(bytes), time(nanos));
        return bytes < 1 << 20 ? done : done + ", %s/s".formatted(ByteSize.human(round(bytes / seconds)));
    }

    /** Three digits are all that a single run can tell. */
    private static long round(double rate) {
        double unit = Math.max(1, Math.pow(1024, Math.floor(Math.log(rate) / Math.log(1024))));
        double inUnit = rate / unit;
        return (long) (inUnit >= 10 ? Math.rint(inUnit) * unit : rate);
    }

    private static String time(long nanos) {
        double millis = nanos / 1e6;
        return millis < 1000
                ? String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis)
                : String.format(Locale.ROOT, "%.2f s", millis / 1000);
    }

    /** Shows the rings of every device at the end. */
    public void showRings() {
        ringsShown = true;
    }

    /** Rings that broke are shown where something failed; those of a device that was recovered are of interest to who asks alone. */
    @Override
    public void leaving(BootedGuest guest, BootRecord record) {
        if (ringsShown || !record.failures().isEmpty()) {
            guest.brokenRings().forEach(out::print);
        }
        if (ringsShown) {
            guest.rings().forEach(out::print);
        }
    }

    @Override
    public void ended(BootRecord record) {
        boolean good = record.failures().isEmpty();
        machines.recoveries(record.recoveries());
        if (!good) {
            machines.channels(record.channels());
        }
        lines.line(
                good ? "done" : "failed",
                "%s, %s, %s in %s"
                        .formatted(
                                counted(record.devices().size(), "virtio device"),
                                counted(record.applications().size(), "application"),
                                counted(record.interrupts().all(), "interrupt"),
                                time(record.nanos())));
    }

    /** There is a recording of the run. */
    public void recorded(FlightRecording recording) {
        lines.words("recording", recording.howToLook());
    }

    private static String counted(long number, String what) {
        return "%d %s%s".formatted(number, what, number == 1 ? "" : "s");
    }
}
