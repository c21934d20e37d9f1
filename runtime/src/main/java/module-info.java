/** The unikernel-style runtime: machine pins, memory, buses, firmware tables and interrupts. It knows no virtio. */
module dev.postern.runtime {
    requires com.sun.jna;

    exports dev.postern.facts;
    exports dev.postern.machine;
    exports dev.postern.os;
}
