/**
 * Quirk rows: data that correct facts about a device and what surrounds it, before the decision is made on them.
 *
 * <p>A row sets facts and never names an outcome; outcomes are the rules of {@code dev.postern.quirks.decision}. Shipped rows are
 * TOML files beside this package's classes, numbered, compiled while building into one resource that a few lines read. Rows
 * are tried in the order of their files' names and then of their places; each sees what those before it set, so that of
 * two rows that set the same fact the later wins. Local files come last, and a local row with the id of a shipped one takes its
 * place at the end.
 */
package dev.postern.quirks;
