package dev.postern.emulated.pci;

import dev.postern.emulated.board.AddressSpace;
import dev.postern.emulated.board.AddressSpace.Claim;
import dev.postern.emulated.board.RegisterBlock;

/** The host side of PCI: configuration accesses by number, enhanced configuration space, and memory decoding. */
public final class PciHost implements AddressSpace.Decoder {

    private final PciBus root;
    private final HostBridge hostBridge;
    private final RegisterBlock ecam = new Ecam();

    /** What drivers touch in a row is nearly always the same block; any configuration write forgets it. */
    private Claim last;

    /** A host with a root bus that holds the host bridge in slot 0 and the ISA bridge in slot 31. */
    public PciHost(InterruptRouter router) {
        root = PciBus.root(router);
        hostBridge = new HostBridge();
        root.attach(hostBridge, 0);
        root.attach(new IsaBridge(), 31);
    }

    /** The root bus. */
    public PciBus root() {
        return root;
    }

    /** A configuration read of 1, 2 or 4 bytes; all ones where no function answers. */
    public int read(int bus, int deviceAndFunction, int offset, int width) {
        PciFunction function = find(bus, deviceAndFunction);
        return function == null ? -1 : function.readConfig(offset, width);
    }

    /** A configuration write of 1, 2 or 4 bytes. */
    public void write(int bus, int deviceAndFunction, int offset, int width, int value) {
        last = null;
        PciFunction function = find(bus, deviceAndFunction);
        if (function != null) {
            function.writeConfig(offset, width, value);
        }
    }

    private PciFunction find(int bus, int deviceAndFunction) {
        return (deviceAndFunction & 7) == 0 ? root.find(bus, deviceAndFunction >>> 3) : null;
    }

    @Override
    public Claim claim(long pa) {
        Claim claim = last;
        if (claim != null && Long.compareUnsigned(pa - claim.basePa(), claim.length()) < 0) {
            return claim;
        }
        if (Long.compareUnsigned(pa - hostBridge.windowBase(), hostBridge.windowSize()) < 0) {
            claim = new Claim(hostBridge.windowBase(), hostBridge.windowSize(), ecam);
        } else {
            claim = root.claim(pa);
        }
        last = claim;
        return claim;
    }

    /** Enhanced configuration space: the address is bus, device, function and offset (PCI Express Base 3.0, 7.2.2). */
    private final class Ecam implements RegisterBlock {

        @Override
        public long read(long offset, int width) {
            if (width == 8) {
                return read(offset, 4) & 0xffff_ffffL | read(offset + 4, 4) << 32;
            }
            int at = (int) offset;
            return PciHost.this.read(at >>> 20, at >>> 12 & 0xff, at & 0xfff, width);
        }

        @Override
        public void write(long offset, int width, long value) {
            if (width == 8) {
                write(offset, 4, value & 0xffff_ffffL);
                write(offset + 4, 4, value >>> 32);
                return;
            }
            int at = (int) offset;
            PciHost.this.write(at >>> 20, at >>> 12 & 0xff, at & 0xfff, width, (int) value);
        }
    }
}
