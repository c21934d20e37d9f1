package dev.postern.cli.record;

import dev.postern.quirks.FactFileReader;
import java.util.ArrayList;
import java.util.List;

/** A machine as its Linux shows it. */
public final class MachineRecord {

    /** How every record begins; a file that begins so may be written anew. */
    public static final String FIRST_LINE = "# A machine as its Linux shows it, recorded by postern doctor --record.";

    private final List<FoundFact> platform;
    private final List<String> unknown;
    private final List<FoundDevice> devices;

    private MachineRecord(List<FoundFact> platform, List<String> unknown, List<FoundDevice> devices) {
        this.platform = platform;
        this.unknown = unknown;
        this.devices = devices;
    }

    /** Looks through a tree. */
    public static MachineRecord of(SystemTree tree) {
        PlatformFinder finder = new PlatformFinder(tree);
        List<FoundFact> platform = finder.facts();
        return new MachineRecord(platform, finder.unknown(), new DeviceFinder(tree, finder.architecture()).devices());
    }

    /** The names of its virtio devices, in order. */
    public List<String> deviceNames() {
        return devices.stream().map(FoundDevice::name).toList();
    }

    /** What could not be known of the platform, in one line each. */
    public List<String> unknown() {
        return List.copyOf(unknown);
    }

    /** The facts file. */
    public String toml() {
        List<String> lines = new ArrayList<>();
        lines.add(FIRST_LINE);
        lines.add("schema = \"%s\"".formatted(FactFileReader.SCHEMA));
        lines.add("");
        lines.add("[platform]");
        platform.forEach(fact -> lines.add(line(fact)));
        unknown.forEach(words -> lines.add("# not known: " + words));
        for (FoundDevice device : devices) {
            lines.add("");
            lines.add("[[device]]");
            lines.add("name = \"%s\"".formatted(device.name()));
            device.facts().forEach(fact -> lines.add(line(fact)));
            device.unknown().forEach(words -> lines.add("# not known: " + words));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String line(FoundFact fact) {
        return "%s = \"%s\"  # %s".formatted(fact.name(), escaped(fact.value()), fact.source());
    }

    /** A value as a basic string of TOML; firmware may have written anything. */
    private static String escaped(String value) {
        return value.replaceAll("\\p{Cntrl}", "?").replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
