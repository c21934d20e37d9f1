package dev.postern.bus.pci;

/**
 * A BAR in port space. It gets no address: everything a guest needs is in memory BARs too.
 *
 * @param index 0 to 5
 * @param size in ports, a power of two
 */
public record IoBar(int index, long size) {}
