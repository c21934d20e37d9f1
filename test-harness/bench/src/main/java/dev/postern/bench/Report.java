package dev.postern.bench;

/**
 * What a benchmark has found.
 *
 * @param table for a person
 * @param document the same as one JSON document
 */
record Report(String table, String document) {}
