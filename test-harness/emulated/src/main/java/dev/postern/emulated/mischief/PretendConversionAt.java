package dev.postern.emulated.mischief;

/**
 * The host says that it converted a page and leaves it as it was. SEV-SNP and TDX alone: on POWER trusted firmware does it.
 *
 * @param conversion which one, from 1
 */
public record PretendConversionAt(long conversion) implements SharingMischief {}
