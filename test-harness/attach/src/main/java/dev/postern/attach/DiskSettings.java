package dev.postern.attach;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a virtio disk is told besides its file and features; what is not told is as QEMU has it. Immutable.
 *
 * @param numbers by property
 * @param serial the id string: 1 to 20 ASCII characters
 * @param writeCache the first mode of the write cache
 * @param segmentLimit how seg_max is found
 * @param failures the sector, of 512 bytes, at which an operation always fails; of a flush it is not looked at
 */
public record DiskSettings(
        SortedMap<DiskProperty, Long> numbers,
        Optional<String> serial,
        Optional<WriteCache> writeCache,
        Optional<SegmentLimit> segmentLimit,
        SortedMap<DiskOperation, Long> failures) {

    private static final int LONGEST_SERIAL = 20;

    /**
     * Copies the maps and checks what QEMU would not.
     *
     * @throws MachineConfigurationException when a serial is longer than a guest can read, or a number is negative
     */
    public DiskSettings {
        numbers = Collections.unmodifiableSortedMap(new TreeMap<>(numbers));
        failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
        numbers.forEach((property, value) -> {
            if (value < 0) {
                throw new MachineConfigurationException(
                        "%s=%d: give a number that is not negative".formatted(property.qemuName(), value));
            }
        });
        failures.forEach((operation, sector) -> {
            if (sector < 0) {
                throw new MachineConfigurationException(
                        "a %s that fails at sector %d: give a sector from 0 on".formatted(operation.ioType(), sector));
            }
        });
        if (serial.isPresent() && !isSerial(serial.get())) {
            throw new MachineConfigurationException(
                    "disk serial \"%s\": give 1 to 20 printable ASCII characters".formatted(serial.get()));
        }
    }

    private static boolean isSerial(String serial) {
        return !serial.isEmpty()
                && serial.length() <= LONGEST_SERIAL
                && serial.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /** The disk as QEMU makes it. */
    public static DiskSettings none() {
        return new DiskSettings(new TreeMap<>(), Optional.empty(), Optional.empty(), Optional.empty(), new TreeMap<>());
    }

    /** These, and a number. */
    public DiskSettings with(DiskProperty property, long value) {
        TreeMap<DiskProperty, Long> more = new TreeMap<>(numbers);
        more.put(property, value);
        return new DiskSettings(more, serial, writeCache, segmentLimit, failures);
    }

    /** These, and an id string. */
    public DiskSettings serial(String id) {
        return new DiskSettings(numbers, Optional.of(id), writeCache, segmentLimit, failures);
    }

    /** These, and the first mode of the write cache. */
    public DiskSettings writeCache(WriteCache mode) {
        return new DiskSettings(numbers, serial, Optional.of(mode), segmentLimit, failures);
    }

    /** These, and how seg_max is found. */
    public DiskSettings segmentLimit(SegmentLimit limit) {
        return new DiskSettings(numbers, serial, writeCache, Optional.of(limit), failures);
    }

    /** These, and an operation that fails with an I/O error whenever it touches a sector. */
    public DiskSettings failing(DiskOperation operation, long sector) {
        TreeMap<DiskOperation, Long> more = new TreeMap<>(failures);
        more.put(operation, sector);
        return new DiskSettings(numbers, serial, writeCache, segmentLimit, more);
    }

    /** The end of a QEMU device argument. */
    String asProperties() {
        StringBuilder words = new StringBuilder();
        for (Map.Entry<DiskProperty, Long> number : numbers.entrySet()) {
            words.append(",%s=%d".formatted(number.getKey().qemuName(), number.getValue()));
        }
        serial.ifPresent(id -> words.append(",serial=").append(id.replace(",", ",,")));
        writeCache.ifPresent(mode -> words.append(",write-cache=").append(mode.setting()));
        segmentLimit.ifPresent(limit -> words.append(",seg-max-adjust=").append(limit.setting()));
        if (!failures.isEmpty()) {
            // QEMU would join neighbouring requests into one, and then all of them fail for one sector.
            words.append(",request-merging=off");
        }
        return words.toString();
    }

    @Override
    public String toString() {
        return failures.entrySet().stream()
                .map(failure -> " fail-%s=%d".formatted(failure.getKey().ioType(), failure.getValue()))
                .collect(Collectors.joining("", asProperties(), ""));
    }
}
