package dev.postern.cli.record;

import dev.postern.quirks.FactName;

/**
 * A fact that the system shows.
 *
 * @param name which
 * @param value a value of its domain
 * @param source where it was read, and how it was understood, in one line
 */
record FoundFact(FactName name, String value, String source) {}
