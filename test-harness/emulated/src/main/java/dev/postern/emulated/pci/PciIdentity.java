package dev.postern.emulated.pci;

/**
 * What a function says it is.
 *
 * @param vendor 16 bits
 * @param device 16 bits
 * @param classCode 24 bits: class, subclass, programming interface
 * @param revision 8 bits
 */
public record PciIdentity(int vendor, int device, int classCode, int revision) {}
