package dev.postern.lab;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a disk is told besides its image and the features of every device, whichever machine it is in. What is not told is as the machine
 * has it. Immutable.
 *
 * @param features of disks: true offers, false withholds
 * @param numbers sizes and limits
 * @param choices each one of its words
 * @param serial the id string that the guest reads, 1 to 20 characters
 * @param failures the sector at which an operation always fails
 */
public record DiskSettings(
        Map<DiskFeature, Boolean> features,
        Map<DiskNumber, Long> numbers,
        Map<DiskChoice, String> choices,
        Optional<String> serial,
        Map<DiskOperation, Long> failures) {

    /** A disk as its machine makes it. */
    public static final DiskSettings NONE = new DiskSettings(Map.of(), Map.of(), Map.of(), Optional.empty(), Map.of());

    /** Copies the maps. */
    public DiskSettings {
        features = Map.copyOf(features);
        numbers = Map.copyOf(numbers);
        choices = Map.copyOf(choices);
        failures = Map.copyOf(failures);
    }

    /** The same, offering a feature. */
    public DiskSettings offering(DiskFeature feature) {
        return new DiskSettings(plus(DiskFeature.class, features, feature, true), numbers, choices, serial, failures);
    }

    /** The same without offering a feature. */
    public DiskSettings withholding(DiskFeature feature) {
        return new DiskSettings(plus(DiskFeature.class, features, feature, false), numbers, choices, serial, failures);
    }

    /** The same with a number. */
    public DiskSettings with(DiskNumber number, long value) {
        return new DiskSettings(features, plus(DiskNumber.class, numbers, number, value), choices, serial, failures);
    }

    /** The same with a choice made; the word is one of its own. */
    public DiskSettings with(DiskChoice choice, String word) {
        return new DiskSettings(features, numbers, plus(DiskChoice.class, choices, choice, word), serial, failures);
    }

    /** The same with an id string. */
    public DiskSettings serial(String id) {
        return new DiskSettings(features, numbers, choices, Optional.of(id), failures);
    }

    /** The same, failing an operation where it touches a sector. */
    public DiskSettings failing(DiskOperation operation, long sector) {
        return new DiskSettings(
                features, numbers, choices, serial, plus(DiskOperation.class, failures, operation, sector));
    }

    private static <K extends Enum<K>, V> Map<K, V> plus(Class<K> keys, Map<K, V> some, K key, V value) {
        Map<K, V> all = new EnumMap<>(keys);
        all.putAll(some);
        all.put(key, value);
        return all;
    }
}
