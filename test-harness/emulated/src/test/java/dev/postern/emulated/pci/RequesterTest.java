package dev.postern.emulated.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RequesterTest {

    private static final class Plain extends PciFunction {
        Plain() {
            super("plain", new PciIdentity(1, 2, 3, 4), Connection.EXPRESS);
        }
    }

    private static final class NoLines implements InterruptRouter {
        @Override
        public void raise(int slot, int pin) {
            throw new AssertionError("no interrupt is expected");
        }

        @Override
        public void lower(int slot, int pin) {
            throw new AssertionError("no interrupt is expected");
        }
    }

    private static PciBridge bridge(PciBus bus, int slot, BridgeKind kind, int secondary, int subordinate) {
        PciBridge bridge = new PciBridge("b" + secondary, kind);
        bus.attach(bridge, slot);
        bridge.writeConfig(0x18, 4, secondary << 8 | subordinate << 16);
        return bridge;
    }

    @Test
    void anEndpointBelowAPortShowsItself() {
        PciBus root = PciBus.root(new NoLines());
        Plain function = new Plain();
        bridge(root, 4, BridgeKind.ROOT_PORT, 7, 7).secondaryBus().attach(function, 0);
        assertEquals(0x0700, function.requesterId());
    }

    @Test
    void aDeviceBehindConventionalBridgesShowsTheOutermost() {
        PciBus root = PciBus.root(new NoLines());
        Plain function = new Plain();
        PciBridge port = bridge(root, 4, BridgeKind.ROOT_PORT, 7, 9);
        PciBridge outer = bridge(port.secondaryBus(), 0, BridgeKind.CONVENTIONAL, 8, 9);
        bridge(outer.secondaryBus(), 3, BridgeKind.CONVENTIONAL, 9, 9)
                .secondaryBus()
                .attach(function, 5);
        assertEquals(0x0700, function.requesterId());
    }

    @Test
    void masteringNeedsTheBitAllTheWayUp() {
        PciBus root = PciBus.root(new NoLines());
        Plain function = new Plain();
        PciBridge port = bridge(root, 4, BridgeKind.ROOT_PORT, 7, 7);
        port.secondaryBus().attach(function, 0);
        assertFalse(function.mayMaster());
        function.writeConfig(4, 2, 4);
        assertFalse(function.mayMaster());
        port.writeConfig(4, 2, 4);
        assertTrue(function.mayMaster());
    }
}
