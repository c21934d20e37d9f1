package dev.postern.bus.pci;

/** Offsets and bits of the configuration header that enumeration uses. */
final class ConfigRegister {

    static final int VENDOR_ID = 0x00;
    static final int DEVICE_ID = 0x02;
    static final int COMMAND = 0x04;
    static final int STATUS = 0x06;
    static final int REVISION_AND_CLASS = 0x08;
    static final int HEADER_TYPE = 0x0e;
    static final int FIRST_BAR = 0x10;
    static final int PRIMARY_BUS = 0x18;
    static final int SECONDARY_BUS = 0x19;
    static final int SUBORDINATE_BUS = 0x1a;
    static final int IO_WINDOW = 0x1c;
    static final int MEMORY_WINDOW = 0x20;
    static final int PREFETCHABLE_WINDOW = 0x24;
    static final int PREFETCHABLE_BASE_UPPER = 0x28;
    static final int PREFETCHABLE_LIMIT_UPPER = 0x2c;
    static final int SUBSYSTEM_VENDOR_ID = 0x2c;
    static final int SUBSYSTEM_ID = 0x2e;
    static final int ENDPOINT_ROM = 0x30;
    static final int CAPABILITIES = 0x34;
    static final int BRIDGE_ROM = 0x38;
    static final int INTERRUPT_PIN = 0x3d;
    static final int BRIDGE_CONTROL = 0x3e;

    static final int COMMAND_IO = 1;
    static final int COMMAND_MEMORY = 1 << 1;
    static final int COMMAND_BUS_MASTER = 1 << 2;
    static final int COMMAND_INTX_DISABLE = 1 << 10;
    static final int STATUS_CAPABILITIES = 1 << 4;
    static final int HEADER_MULTIFUNCTION = 0x80;
    static final int HEADER_BRIDGE = 1;
    static final int BRIDGE_SECONDARY_RESET = 1 << 6;

    static final int CAPABILITY_MSI = 0x05;
    static final int CAPABILITY_VENDOR = 0x09;
    static final int CAPABILITY_EXPRESS = 0x10;
    static final int CAPABILITY_MSIX = 0x11;

    private ConfigRegister() {}
}
