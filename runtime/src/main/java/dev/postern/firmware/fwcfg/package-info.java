/** QEMU's firmware configuration device: named files, among them the ACPI tables and the script that links them. */
package dev.postern.firmware.fwcfg;
