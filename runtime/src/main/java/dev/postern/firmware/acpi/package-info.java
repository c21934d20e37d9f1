/**
 * The ACPI tables that a guest needs to find its buses and interrupt controllers. Only static tables are read; there is
 * no AML interpreter.
 *
 * <p>Tables come from outside and are not trusted: each is copied out of RAM once, and every length, pointer and checksum
 * is checked on the copy. Offsets are those of the ACPI specification 6.5, chapter 5, and of the PCI Firmware
 * Specification 3.3, section 4.1.2 (MCFG).
 */
package dev.postern.firmware.acpi;
