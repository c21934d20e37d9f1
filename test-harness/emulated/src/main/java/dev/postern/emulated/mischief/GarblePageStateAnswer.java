package dev.postern.emulated.mischief;

/**
 * The host of an SEV-SNP guest converts a page and answers with another response code than that of a page state change.
 *
 * @param conversion which one, from 1
 */
public record GarblePageStateAnswer(long conversion) implements SharingMischief {}
