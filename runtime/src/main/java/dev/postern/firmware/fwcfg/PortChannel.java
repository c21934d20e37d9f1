package dev.postern.firmware.fwcfg;

import dev.postern.machine.PortSpace;

/** The oldest way: select an item, then read the data port once a byte. There is no way to write. */
final class PortChannel implements Channel {

    private static final int SELECTOR = 0x510;
    private static final int DATA = 0x511;

    private final PortSpace ports;

    PortChannel(PortSpace ports) {
        this.ports = ports;
    }

    @Override
    public byte[] read(int key, int length) {
        ports.out16(SELECTOR, key);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ports.in8(DATA);
        }
        return bytes;
    }

    @Override
    public void write(int key, int offset, byte[] bytes) {
        throw new FwCfgException("fw_cfg: item 0x%x cannot be written: the device has no DMA".formatted(key));
    }
}
