package dev.postern.emulated.mischief;

/**
 * The conversion of one page fails with the platform's own error, and the page stays as it was. Pages that the same call named
 * before it are converted, those after it are not.
 *
 * @param conversion which one, from 1
 */
public record FailConversionAt(long conversion) implements SharingMischief {}
