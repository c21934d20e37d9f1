/** Virtio drivers, their transports and rings, the boot sequence that wires them, and the applications. */
module dev.postern.drivers {
    requires transitive dev.postern.quirks;
}
