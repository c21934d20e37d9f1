/** Virtio drivers, their transports and rings, the boot sequence that wires them, and the applications. */
module dev.postern.drivers {
    requires jdk.jfr;
    requires net.bytebuddy;
    requires transitive dev.postern.quirks;

    exports dev.postern.app;
    exports dev.postern.boot;
    exports dev.postern.virtio;
    exports dev.postern.virtio.blk;
    exports dev.postern.virtio.device;
    exports dev.postern.virtio.queue;
    exports dev.postern.virtio.rng;
    exports dev.postern.virtio.transport;
    exports dev.postern.virtio.transport.pci;
    exports dev.postern.virtio.transport.vhostuser;
}
