package dev.postern.quirks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where rows, tables and keys stand in a text that is known to be TOML. The library says so for what it cannot parse, and not
 * for what it could. A row is one {@code [[name]]} of the array that the file is about.
 */
final class TomlPlaces {

    /** What stands before the first row, or in a table of its own. */
    private static final int TOP = -1;

    /** Line and column, counted from 1. */
    record Spot(int line, int column) {

        /** A complaint about what stands here. */
        Complaint says(String file, String message) {
            return new Complaint(file, line, column, message);
        }
    }

    private final List<Spot> rows = new ArrayList<>();
    private final Map<String, Spot> keys = new HashMap<>();

    /**
     * Looks through a text.
     *
     * @param array the name of its array of tables
     */
    TomlPlaces(String text, String array) {
        String[] lines = text.split("\n", -1);
        String inRow = "^" + array + "\\s*\\.\\s*";
        int row = TOP;
        String table = "";
        String open = null;
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i];
            String bare = line.strip();
            Spot spot = new Spot(i + 1, line.indexOf(bare) + 1);
            if (open != null) {
                open = bare.contains(open) ? null : open;
            } else if (bare.startsWith("[[")) {
                rows.add(spot);
                row = rows.size() - 1;
                table = "";
                keys.putIfAbsent(path(TOP, "", header(bare.substring(1))), spot);
            } else if (bare.startsWith("[")) {
                String name = header(bare);
                table = name.replaceFirst(inRow, "");
                row = table.equals(name) ? TOP : rows.size() - 1;
                keys.putIfAbsent(path(row, "", table), spot);
            } else if (bare.indexOf('=') > 0 && !bare.startsWith("#")) {
                String key = bare.substring(0, bare.indexOf('=')).strip().replace("\"", "");
                keys.putIfAbsent(path(row, table, key), spot);
                open = opened(bare.substring(bare.indexOf('=') + 1).strip());
            }
        }
    }

    private static String header(String bare) {
        return bare.substring(1, bare.indexOf(']') < 0 ? bare.length() : bare.indexOf(']'))
                .strip();
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

    /** Where a key or table stands that belongs to no row; at the beginning when it cannot be told. */
    Spot topLevel(String key) {
        return inTable("", key);
    }

    /** Where a key of a table stands that belongs to no row; at the table's header when it cannot be told. */
    Spot inTable(String table, String key) {
        Spot header = keys.getOrDefault(path(TOP, "", table), new Spot(1, 1));
        return keys.getOrDefault(path(TOP, table, key), header);
    }
}
