package dev.postern.lab.spec;

import dev.postern.lab.DiskChoice;
import dev.postern.lab.DiskFeature;
import dev.postern.lab.DiskNumber;
import dev.postern.lab.DiskOperation;
import dev.postern.lab.DiskSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The words that only disks have: what they are told of sizes, limits, caches and failures. */
final class DiskWords {

    /** Features that have a word of their own besides {@code features=}. */
    private static final List<DiskFeature> SWITCHED =
            List.of(DiskFeature.DISCARD, DiskFeature.WRITE_ZEROES, DiskFeature.SECURE_ERASE, DiskFeature.CONFIG_WCE);

    private static final String SERIAL = "serial";
    private static final int LONGEST_SERIAL = 20;

    private DiskWords() {}

    /** All of them. */
    static List<String> all() {
        List<String> words = new ArrayList<>(List.of(SERIAL));
        SWITCHED.forEach(feature -> words.add(word(feature)));
        Stream.of(DiskNumber.values()).map(DiskNumber::label).forEach(words::add);
        Stream.of(DiskChoice.values()).map(DiskChoice::label).forEach(words::add);
        Stream.of(DiskOperation.values()).map(DiskOperation::label).forEach(words::add);
        return words;
    }

    private static String word(DiskFeature feature) {
        return feature.label().replace('_', '-');
    }

    /** What they say; {@code settings} are what features= said before. */
    static DiskSettings read(SpecText text, DiskSettings settings) {
        DiskSettings told = settings;
        for (DiskFeature feature : SWITCHED) {
            String word = text.options().get(word(feature));
            if (word != null) {
                if (told.features().containsKey(feature)) {
                    throw text.wrong(
                            "%s= and features= both speak of one feature: say it once".formatted(word(feature)));
                }
                told = text.onOrOff(word(feature)) ? told.offering(feature) : told.withholding(feature);
            }
        }
        for (DiskNumber number : DiskNumber.values()) {
            Optional<Long> value = text.number(number.label(), number.least(), number.most());
            if (value.isPresent()) {
                told = told.with(number, value.get());
            }
        }
        for (DiskChoice choice : DiskChoice.values()) {
            String word = text.options().get(choice.label());
            if (word != null) {
                Choice<String> words = Choice.of("setting of %s=".formatted(choice.label()), choice.words());
                told = told.with(choice, text.said(() -> words.named(word)));
            }
        }
        return failures(text, serial(text, told));
    }

    private static DiskSettings failures(SpecText text, DiskSettings settings) {
        DiskSettings told = settings;
        for (DiskOperation operation : DiskOperation.values()) {
            if (operation == DiskOperation.FLUSH) {
                if (text.options().containsKey(operation.label()) && text.onOrOff(operation.label())) {
                    told = told.failing(operation, 0);
                }
                continue;
            }
            Optional<Long> sector = text.number(operation.label(), 0, Long.MAX_VALUE >> 9);
            if (sector.isPresent()) {
                told = told.failing(operation, sector.get());
            }
        }
        return told;
    }

    private static DiskSettings serial(SpecText text, DiskSettings settings) {
        String serial = text.options().get(SERIAL);
        if (serial == null) {
            return settings;
        }
        if (serial.isEmpty()
                || serial.length() > LONGEST_SERIAL
                || !serial.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw text.wrong("serial '%s': write 1 to %d printable ASCII characters".formatted(serial, LONGEST_SERIAL));
        }
        return settings.serial(serial);
    }
}
