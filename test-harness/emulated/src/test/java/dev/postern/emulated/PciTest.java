package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postern.emulated.PokedBuses.Found;
import dev.postern.machine.PortSpace;
import java.util.List;
import org.junit.jupiter.api.Test;

class PciTest {

    private static EmulatedMachine tree() {
        return EmulatedMachine.builder()
                .device(RootPort.of("rp0"))
                .device(Bridge.of("br0"))
                .device(SeededDisk.of(4096, 1).bus("rp0"))
                .device(Rng.of().bus("br0"))
                .device(Rng.of().bus("br0"))
                .device(SeededDisk.of(8192, 2))
                .build();
    }

    @Test
    void enumerationFindsEverythingWhereItWasPut() {
        try (EmulatedMachine machine = tree()) {
            List<Found> found = new PokedBuses(machine).setUp().found();

            assertEquals(
                    List.of(
                            new Found(0, 0, 0x8086, 0x29c0, 0),
                            new Found(0, 1, 0x1b36, 0x000c, 1),
                            new Found(1, 0, 0x1af4, 0x1042, 0),
                            new Found(0, 2, 0x1b36, 0x0001, 1),
                            new Found(2, 0, 0x1af4, 0x1044, 0),
                            new Found(2, 1, 0x1af4, 0x1044, 0),
                            new Found(0, 3, 0x1af4, 0x1042, 0),
                            new Found(0, 31, 0x8086, 0x2918, 0)),
                    found.stream()
                            .sorted((a, b) -> Integer.compare(order(a), order(b)))
                            .toList());
        }
    }

    /** Depth first, a bridge before what is behind it. */
    private static int order(Found f) {
        return f.bus() == 0 ? f.slot() * 100 : f.bus() * 100 + 1 + f.slot();
    }

    @Test
    void portsAndTheWindowShowTheSameConfigurationSpace() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            PortSpace ports = machine.ports().orElseThrow();
            for (Found f : buses.found()) {
                for (int offset = 0; offset < 0x100; offset += 4) {
                    ports.out32(0xcf8, 0x8000_0000 | f.bus() << 16 | f.slot() << 11 | offset);
                    assertEquals(buses.read32(f.bus(), f.slot(), offset), ports.in32(0xcfc), f + " at " + offset);
                    assertEquals(buses.read16(f.bus(), f.slot(), offset + 2), ports.in16(0xcfe));
                }
            }
            ports.out32(0xcf8, 0x8000_0000 | 3 << 11 | 0x3c);
            ports.out8(0xcfc, 0x5a);
            assertEquals(0x5a, machine.registers().read8(buses.config(0, 3, 0x3c)));
        }
    }

    @Test
    void absentPortsAndAddressesReadAsOnes() {
        try (EmulatedMachine machine = tree()) {
            PortSpace ports = machine.ports().orElseThrow();
            assertEquals(0xff, ports.in8(0x60));
            assertEquals(0xffff, ports.in16(0x60));
            assertEquals(-1, ports.in32(0xcfc), "no address was set");
            assertEquals(0xff, machine.registers().read8(0xd000_0000L));
            assertEquals(-1L, machine.registers().read64(1L << 40));
        }
    }

    @Test
    void theHostBridgeSaysWhereTheWindowIs() {
        try (EmulatedMachine machine = tree()) {
            PortSpace ports = machine.ports().orElseThrow();
            ports.out32(0xcf8, 0x8000_0060);
            assertEquals(0xb000_0001, ports.in32(0xcfc));
            ports.out32(0xcfc, 0xb000_0000);
            assertEquals(-1, machine.registers().read32(PokedBuses.ECAM), "the window was closed");
        }
    }

    @Test
    void nothingAnswersBehindAnUnprogrammedBridge() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine);
            for (int bus = 1; bus < 256; bus++) {
                assertEquals(-1, buses.read32(bus, 0, 0), "bus " + bus);
            }
        }
    }

    @Test
    void onlyPciExpressFunctionsHaveExtendedConfigurationSpace() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            assertEquals(0, buses.read32(1, 0, 0x100), "an express function without extended capabilities");
            assertEquals(-1, buses.read32(2, 0, 0x100), "a conventional function");
        }
    }

    @Test
    void onlyFunctionsOnALinkAreExpressEndpoints() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            assertEquals(2 | 4 << 4 | 0x100, buses.read16(0, 1, buses.capability(0, 1, 0x10, 0) + 2), "root port");
            assertEquals(2, buses.read16(1, 0, buses.capability(1, 0, 0x10, 0) + 2), "endpoint");
            assertEquals(0, buses.capability(0, 3, 0x10, 0), "on the root bus");
            assertEquals(0, buses.capability(2, 0, 0x10, 0), "behind a conventional bridge");
        }
    }

    @Test
    void aBarAnswersOnlyWhileMemoryDecodingIsOn() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(1, machine.registers().read16(disk.common + 18));
            disk.buses.write16(disk.bus, disk.slot, 0x04, 0x4);
            assertEquals(0xffff, machine.registers().read16(disk.common + 18));
        }
    }

    @Test
    void aBridgeForwardsMemoryOnlyThroughItsWindowsAndWhileDecoding() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            PokedDevice disk = new PokedDevice(machine, buses, 1, 0);
            assertEquals(1, machine.registers().read16(disk.common + 18), "prefetchable window");
            assertEquals(1, machine.registers().read32(disk.msixTable + 12) & 1, "memory window");

            buses.write16(0, 1, 0x04, 0x4);
            assertEquals(0xffff, machine.registers().read16(disk.common + 18), "decoding off");
            buses.write16(0, 1, 0x04, 0x6);

            int window = buses.read32(0, 1, 0x24);
            buses.write32(0, 1, 0x24, 0x0000_fff0);
            assertEquals(0xffff, machine.registers().read16(disk.common + 18), "prefetchable window closed");
            assertEquals(1, machine.registers().read32(disk.msixTable + 12) & 1, "memory window still open");
            buses.write32(0, 1, 0x24, window);
            buses.write32(0, 1, 0x20, 0x0000_fff0);
            assertEquals(-1, machine.registers().read32(disk.msixTable + 12), "memory window closed");
        }
    }

    @Test
    void devicesBehindBridgesServeRequests() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            PokedDevice disk = new PokedDevice(machine, buses, 1, 0).start(PokedDevice.VERSION_1);
            assertEquals(0, disk.request(0, 0, 512));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    @Test
    void dmaNeedsBusMasteringInTheDeviceAndInEveryBridge() {
        for (boolean inBridge : new boolean[] {false, true}) {
            try (EmulatedMachine machine = tree()) {
                PokedBuses buses = new PokedBuses(machine).setUp();
                PokedDevice disk = new PokedDevice(machine, buses, 1, 0).start(PokedDevice.VERSION_1);
                buses.write16(inBridge ? 0 : 1, inBridge ? 1 : 0, 0x04, 0x2);
                assertEquals(-1, disk.request(0, 0, 512));
                Guests.assertClause(machine, "pci:bus-master");
                assertEquals(0x40, disk.status() & 0x40);
            }
        }
    }

    @Test
    void aSecondaryBusResetForgetsTheDevicesBehind() {
        try (EmulatedMachine machine = tree()) {
            PokedBuses buses = new PokedBuses(machine).setUp();
            PokedDevice disk = new PokedDevice(machine, buses, 1, 0).start(PokedDevice.VERSION_1);
            assertEquals(0x0f, disk.status());
            long bar = buses.bar(1, 0, 4);
            assertNotEquals(0, bar);
            buses.write16(0, 1, 0x3e, 0x40);
            buses.write16(0, 1, 0x3e, 0);
            assertEquals(0, buses.bar(1, 0, 4));
            assertEquals(0, buses.read16(1, 0, 0x04));
        }
    }

    @Test
    void theConfigurationAccessCapabilityReachesTheRegistersWithoutABar() {
        try (EmulatedMachine machine = Guests.withDisk()) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            PokedBuses buses = disk.buses;
            buses.write16(disk.bus, disk.slot, 0x04, 0);
            int at = disk.accessCapability;
            machine.registers().write8(buses.config(disk.bus, disk.slot, at + 4), 4);
            buses.write32(disk.bus, disk.slot, at + 8, 20);
            buses.write32(disk.bus, disk.slot, at + 12, 1);
            machine.registers().write8(buses.config(disk.bus, disk.slot, at + 16), 1);
            assertEquals(1, machine.registers().read8(buses.config(disk.bus, disk.slot, at + 16)), "status");
            buses.write32(disk.bus, disk.slot, at + 8, 24);
            buses.write32(disk.bus, disk.slot, at + 12, 2);
            assertEquals(256, buses.read16(disk.bus, disk.slot, at + 16), "queue size");
            assertEquals(List.of(), machine.guestErrors());

            buses.write32(disk.bus, disk.slot, at + 12, 3);
            buses.read32(disk.bus, disk.slot, at + 16);
            Guests.assertClause(machine, "transport-pci:801");
        }
    }

    @Test
    void registerAccessToRamOrUnalignedIsTheCallersFault() {
        try (EmulatedMachine machine = tree()) {
            assertThrows(
                    IllegalArgumentException.class, () -> machine.registers().read32(0x1000));
            assertThrows(
                    IllegalArgumentException.class, () -> machine.registers().read32(0xb000_0002L));
        }
    }
}
