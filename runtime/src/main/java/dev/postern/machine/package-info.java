/**
 * The pins of a machine: everything a guest can touch, and nothing that knows what a device is.
 *
 * <p>A machine is RAM, a physical address space for registers, ports, interrupt lines and a CPU that can wait. An
 * emulated machine, a QEMU process and a real virtual machine all supply the same pins, so the guest code above them
 * cannot tell which one it drives. No name of the virtio specification occurs here, and nothing here decides about DMA.
 *
 * <p>All addresses are guest-physical addresses in bytes, held in a {@code long} and compared as unsigned numbers. All
 * multi-byte accesses are little-endian.
 */
package dev.postern.machine;
