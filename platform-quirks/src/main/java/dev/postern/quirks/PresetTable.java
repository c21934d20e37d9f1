package dev.postern.quirks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The presets in the order in which they are shown. Immutable. */
public final class PresetTable {

    private final List<Preset> presets;
    private final Map<String, Preset> byWord = new LinkedHashMap<>();

    /**
     * A table of presets.
     *
     * @throws IllegalArgumentException when two have one name or alias
     */
    PresetTable(List<Preset> presets) {
        this.presets = List.copyOf(presets);
        for (Preset preset : presets) {
            add(preset.name(), preset);
            preset.aliases().forEach(alias -> add(alias, preset));
        }
    }

    private void add(String word, Preset preset) {
        if (byWord.putIfAbsent(word, preset) != null) {
            throw new IllegalArgumentException("two presets are called %s: rename one".formatted(word));
        }
    }

    /** The presets that come with this module, as compiled when it was built. */
    public static PresetTable shipped() {
        return Shipped.TABLE;
    }

    /** Every preset; {@code plain} first. */
    public List<Preset> presets() {
        return presets;
    }

    /** The names, without aliases, in order. */
    public List<String> names() {
        return presets.stream().map(Preset::name).toList();
    }

    /** The preset of a name or alias; empty when there is none. */
    public Optional<Preset> named(String word) {
        return Optional.ofNullable(byWord.get(word));
    }

    /** The name that is most like a word, for a message about a slip of the pen. */
    public String nearest(String word) {
        return Likeness.nearest(word, byWord.keySet());
    }

    /** Read on first use only. */
    private static final class Shipped {

        static final PresetTable TABLE = new PresetTable(CompiledFacts.presets());
    }
}
