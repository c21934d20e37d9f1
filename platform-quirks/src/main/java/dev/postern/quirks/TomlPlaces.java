package dev.postern.quirks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where rows, tables and keys stand in a text that is known to be TOML. The library says so for what it cannot parse, and not
 * for what it could.
 */
final class TomlPlaces {

    /** Line and column, counted from 1. */
    record Spot(int line, int column) {}

    private final List<Spot> rows = new ArrayList<>();
    private final Map<String, Spot> keys = new HashMap<>();

    TomlPlaces(String text) {
        String[] lines = text.split("\n", -1);
        String table = "";
        String open = null;
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i];
            String bare = line.strip();
            int column = line.indexOf(bare) + 1;
            if (open != null) {
                open = bare.contains(open) ? null : open;
            } else if (bare.startsWith("[[")) {
                rows.add(new Spot(i + 1, column));
                table = "";
            } else if (bare.startsWith("[")) {
                String name = bare.substring(1, bare.indexOf(']') < 0 ? bare.length() : bare.indexOf(']'));
                table = name.strip().replaceFirst("^row\\s*\\.\\s*", "");
                keys.putIfAbsent(path(rows.size() - 1, "", table), new Spot(i + 1, column));
            } else if (bare.indexOf('=') > 0 && !bare.startsWith("#")) {
                String key = bare.substring(0, bare.indexOf('=')).strip().replace("\"", "");
                keys.putIfAbsent(path(rows.size() - 1, table, key), new Spot(i + 1, column));
                open = opened(bare.substring(bare.indexOf('=') + 1).strip());
            }
        }
    }

    /** The quotes that a string of several lines left open at the end of its first, or null. */
    private static String opened(String value) {
        for (String quotes : List.of("\"\"\"", "'''")) {
            if (value.startsWith(quotes) && value.indexOf(quotes, 3) < 0) {
                return quotes;
            }
        }
        return null;
    }

    private static String path(int row, String table, String key) {
        return row + "/" + table + "/" + key;
    }

    /** Where a row's header stands. */
    Spot row(int index) {
        return index >= 0 && index < rows.size() ? rows.get(index) : new Spot(1, 1);
    }

    /** Where a key stands: of the row itself when the table is empty; at the row's header when it cannot be told. */
    Spot key(int index, String table, String key) {
        return keys.getOrDefault(path(index, table, key), row(index));
    }
}
