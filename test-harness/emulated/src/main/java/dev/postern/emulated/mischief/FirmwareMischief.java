package dev.postern.emulated.mischief;

/** What can be wrong with the ACPI tables. */
public sealed interface FirmwareMischief extends Mischief permits BadChecksum, TruncatedTable, ZeroLengthEntry {}
