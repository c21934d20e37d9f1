/** Conventional PCI and PCI Express as software sees them: configuration space, buses, bridges, BARs and MSI-X. */
package dev.postern.emulated.pci;
