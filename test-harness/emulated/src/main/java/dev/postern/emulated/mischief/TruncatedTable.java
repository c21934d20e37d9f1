package dev.postern.emulated.mischief;

/**
 * A table whose length says that it ends inside its own header. The checksum is right for that length.
 *
 * @param table its signature: XSDT, APIC, MCFG, FACP or DSDT
 */
public record TruncatedTable(String table) implements FirmwareMischief {}
