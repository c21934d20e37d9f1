/** The unikernel-style runtime: machine pins, memory, buses, firmware tables and interrupts. It knows no virtio. */
module dev.postern.runtime {
    requires com.sun.jna;
    requires jdk.jfr;

    exports dev.postern.bus.pci;
    exports dev.postern.facts;
    exports dev.postern.firmware.acpi;
    exports dev.postern.firmware.devicetree;
    exports dev.postern.firmware.fwcfg;
    exports dev.postern.interrupt;
    exports dev.postern.machine;
    exports dev.postern.memory;
    exports dev.postern.os;
    exports dev.postern.platform;
    exports dev.postern.topology;
    exports dev.postern.xen;
}
