package dev.postern.emulated.mischief;

/**
 * The disk says something of itself that is not so: a field of its configuration reads as another value. It keeps to what is so. A field
 * that the configuration is too short for is not said.
 *
 * @param field which
 * @param value the low bytes of it are shown
 */
public record SayField(DiskField field, long value) implements DiskMischief {}
