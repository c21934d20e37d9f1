package dev.postern.emulated;

/** A virtio device to build into a machine. */
public sealed interface VirtioSpec extends DeviceSpec permits FileDisk, SeededDisk, Rng {

    /** How it behaves as a virtio device. */
    VirtioOptions virtio();
}
