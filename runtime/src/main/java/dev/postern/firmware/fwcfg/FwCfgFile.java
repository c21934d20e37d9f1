package dev.postern.firmware.fwcfg;

/**
 * An entry of the directory.
 *
 * @param name up to 55 characters, such as {@code etc/acpi/rsdp}
 * @param key selects the file
 * @param size in bytes, 0 to 64 MiB
 */
public record FwCfgFile(String name, int key, int size) {}
