package dev.postern.quirks;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What was read from a facts file: a recorded machine.
 *
 * @param name the file's name
 * @param platform what it says of every device's surroundings, each fact with file and line as its provenance
 * @param devices in the order of the file
 * @param complaints about what is wrong; when there is one, nothing of the file is to be relied on
 */
public record FactFile(String name, FactSheet platform, List<RecordedDevice> devices, List<Complaint> complaints) {

    /** Takes immutable copies. */
    public FactFile {
        Objects.requireNonNull(name);
        Objects.requireNonNull(platform);
        devices = List.copyOf(devices);
        complaints = List.copyOf(complaints);
    }

    /** A file that is of no use. */
    static FactFile unusable(String name, Complaint complaint) {
        return new FactFile(name, FactSheet.EMPTY, List.of(), List.of(complaint));
    }

    /** The device of a name; empty when the file has none of it. */
    public Optional<RecordedDevice> device(String called) {
        return devices.stream().filter(device -> device.name().equals(called)).findFirst();
    }
}
