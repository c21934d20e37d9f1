/**
 * PCI and PCI Express: finding functions, giving them bus numbers and addresses, and handing them to drivers.
 *
 * <p>The bus is enumerated as if no firmware had run, whatever it left behind. Functions are not trusted: every list is
 * bounded, every number that is written is read back where a lie would hurt, and a function that makes no sense is
 * disabled with one line that says why, while the others go on. Offsets are those of the PCI Express Base Specification
 * 6.0, chapter 7, and of the PCI-to-PCI Bridge Architecture Specification 1.2, chapter 3.
 *
 * <p><b>Threads:</b> one thread, the guest's.
 */
package dev.postern.bus.pci;
