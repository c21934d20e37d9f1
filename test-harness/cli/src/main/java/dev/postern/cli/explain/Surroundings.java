package dev.postern.cli.explain;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import dev.postern.quirks.Complaint;
import dev.postern.quirks.FactFile;
import dev.postern.quirks.FactFileReader;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.Preset;
import dev.postern.quirks.PresetTable;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What surrounds a device that is asked about.
 *
 * @param facts about every device there
 * @param recorded the facts file that they are from; empty when they are a preset's
 */
public record Surroundings(FactSheet facts, Optional<FactFile> recorded) {

    /**
     * A preset.
     *
     * @param word its name or an alias
     * @throws WrongCallException when there is none; the message has the nearest
     */
    public static Surroundings preset(String word) {
        PresetTable table = PresetTable.shipped();
        List<String> words = new ArrayList<>();
        for (Preset preset : table.presets()) {
            words.add(preset.name());
            words.addAll(preset.aliases());
        }
        return table.named(word)
                .map(preset -> new Surroundings(preset.facts(), Optional.empty()))
                .orElseThrow(() -> new WrongCallException("no platform preset '%s': did you mean '%s'? choose from %s"
                        .formatted(
                                word,
                                NameList.of("preset", words).nearest(word).orElse(table.nearest(word)),
                                String.join(", ", table.names()))));
    }

    /**
     * A recorded machine.
     *
     * @throws WrongCallException when the file is not as it should be; the message has the first place
     */
    public static Surroundings recorded(String file) {
        FactFile read;
        try {
            read = FactFileReader.read(Path.of(file));
        } catch (InvalidPathException e) {
            throw new WrongCallException("'%s' cannot be a file name: %s".formatted(file, e.getReason()));
        }
        if (!read.complaints().isEmpty()) {
            Complaint first = read.complaints().getFirst();
            int others = read.complaints().size() - 1;
            throw new WrongCallException(first + (others == 0 ? "" : " (and %d more)".formatted(others)));
        }
        return new Surroundings(read.platform(), Optional.of(read));
    }
}
