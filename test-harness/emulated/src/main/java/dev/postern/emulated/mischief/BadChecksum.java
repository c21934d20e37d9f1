package dev.postern.emulated.mischief;

/**
 * A table whose bytes do not add up.
 *
 * @param table its signature: RSD PTR, XSDT, APIC, MCFG, FACP or DSDT
 */
public record BadChecksum(String table) implements FirmwareMischief {}
