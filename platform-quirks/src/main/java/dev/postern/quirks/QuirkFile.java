package dev.postern.quirks;

import java.util.List;

/**
 * What was read from one file.
 *
 * @param name the file's name
 * @param rows the rows that are as they should be, in order
 * @param complaints about the others, or about the file as a whole; empty when all is well
 */
public record QuirkFile(String name, List<QuirkRow> rows, List<Complaint> complaints) {

    /** Takes immutable copies. */
    public QuirkFile {
        rows = List.copyOf(rows);
        complaints = List.copyOf(complaints);
    }
}
