package dev.postern.cli.run;

import dev.postern.boot.BootEvent;
import dev.postern.boot.DeviceReport;
import dev.postern.bus.pci.PciTree;
import dev.postern.cli.ExitStatus;
import dev.postern.cli.Failure;
import dev.postern.firmware.acpi.AcpiTable;
import dev.postern.firmware.acpi.AcpiTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known about a run so far; it holds after any failure too. One thread uses it. Nothing in it refers to the
 * machine, which is closed when this is read.
 */
public final class BootRecord {

    private Optional<BootRequest> request = Optional.empty();
    private HostSide host = HostSide.UNKNOWN;
    private Optional<FoundPlatform> platform = Optional.empty();
    private MemoryLayout memory = MemoryLayout.UNKNOWN;
    private String firmware = "not looked for";
    private List<AcpiTable> tables = List.of();
    private List<String> busWarnings = List.of();
    private final List<DeviceReport> devices = new ArrayList<>();
    private final List<ApplicationRun> applications = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private InterruptCounts interrupts = InterruptCounts.NONE;
    private List<ChannelState> channels = List.of();
    private List<Recovery> recoveries = List.of();
    private long nanos;

    /** Takes the request once the call has proved right. */
    public void asked(BootRequest what) {
        request = Optional.of(what);
    }

    void note(HostSide side) {
        host = side;
    }

    void note(List<ChannelState> states) {
        channels = List.copyOf(states);
    }

    /** Takes what a step of the boot has found. */
    void note(BootEvent event) {
        switch (event) {
            case BootEvent.PlatformDetected detected -> platform = Optional.of(FoundPlatform.of(detected.platform()));
            case BootEvent.MemoryReady ready -> memory = MemoryLayout.of(ready.memory());
            case BootEvent.FirmwareRead read -> {
                firmware = read.source();
                tables = read.tables().map(AcpiTables::tables).orElse(List.of());
            }
            case BootEvent.BusEnumerated bus -> busWarnings = warnings(bus.tree());
            case BootEvent.ChannelsFound _ -> {
                // What is known of them is noted at the end.
            }
            case BootEvent.DeviceProbed probed -> devices.add(probed.report());
        }
    }

    private static List<String> warnings(PciTree tree) {
        List<String> all = new ArrayList<>(tree.host().warnings());
        all.addAll(tree.warnings());
        return List.copyOf(all);
    }

    void note(ApplicationRun run) {
        applications.add(run);
    }

    void note(InterruptCounts counts) {
        interrupts = counts;
    }

    void recovered(List<Recovery> disks) {
        recoveries = List.copyOf(disks);
    }

    void took(long runNanos) {
        nanos = runNanos;
    }

    /** Takes something that went wrong. */
    public void failed(Failure failure) {
        failures.add(failure);
    }

    /** What was asked for; empty when the call was wrong. */
    public Optional<BootRequest> request() {
        return request;
    }

    /** The machine's other side; nothing is known of it when there was no machine. */
    public HostSide host() {
        return host;
    }

    /** Its channels as they were when the guest had shut down; none when it did not come so far, or its devices sit on a bus. */
    public List<ChannelState> channels() {
        return channels;
    }

    /** The platform as the guest found it; empty when it did not come so far. */
    public Optional<FoundPlatform> platform() {
        return platform;
    }

    /** RAM, and who reaches it. */
    public MemoryLayout memory() {
        return memory;
    }

    /** Where firmware tables were found, in words. */
    public String firmware() {
        return firmware;
    }

    /** The firmware tables. */
    public List<AcpiTable> tables() {
        return tables;
    }

    /** What was odd about the bus. */
    public List<String> busWarnings() {
        return busWarnings;
    }

    /** The virtio devices, in the order of discovery. */
    public List<DeviceReport> devices() {
        return List.copyOf(devices);
    }

    /** The applications that have ended. */
    public List<ApplicationRun> applications() {
        return List.copyOf(applications);
    }

    /** The interrupts served. */
    public InterruptCounts interrupts() {
        return interrupts;
    }

    /** The disks that broke and were used again; mostly none. */
    public List<Recovery> recoveries() {
        return recoveries;
    }

    /** How long it took from making the machine to its end, in nanoseconds of real time. */
    public long nanos() {
        return nanos;
    }

    /** What went wrong, in order. */
    public List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** The exit status: a wrong call counts for more than what failed because of it. */
    public int status() {
        return failures.stream().mapToInt(Failure::status).max().orElse(ExitStatus.DONE);
    }
}
