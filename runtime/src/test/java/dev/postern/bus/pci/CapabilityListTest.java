package dev.postern.bus.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapabilityListTest {

    private static final PciAddress AT = new PciAddress(0, 2, 0);

    private final ModelFunction device = ModelFunction.endpoint(2);
    private final ModelBus bus = ModelBus.plain().put(2, 0, device);
    private final ConfigSpace config =
            new EcamConfigSpace(bus, Bench.MCFG.segments().getFirst());
    private final List<String> warnings = new ArrayList<>();

    private List<PciCapability> plain() {
        return CapabilityList.plain(config, AT, warnings::add);
    }

    private List<PciCapability> extended() {
        return CapabilityList.extended(config, AT, warnings::add);
    }

    @Test
    void theListKeepsItsOrderAndVendorLengths() {
        device.capability(0x98, 0x11).capability(0x40, 9, 20).capability(0x60, 9, 16);
        assertEquals(
                List.of(
                        new PciCapability(0x11, 0x98, 0),
                        new PciCapability(9, 0x40, 20),
                        new PciCapability(9, 0x60, 16)),
                plain());
        assertEquals(List.of(), warnings);
    }

    @Test
    void withoutTheStatusBitThereIsNoList() {
        device.capability(0x40, 9, 16);
        device.config[6] = 0;
        assertEquals(List.of(), plain());
    }

    @Test
    void aCycleEndsTheList() {
        device.capability(0x40, 9, 16).capability(0x50, 9, 16);
        device.config[0x51] = 0x40;
        assertEquals(2, plain().size());
        assertEquals(List.of("PCI 00:02.0: the capability list returns to 0x40; it ends there"), warnings);
    }

    @Test
    void aCapabilityThatPointsAtItselfEndsTheList() {
        device.capability(0x40, 9, 16);
        device.config[0x41] = 0x40;
        assertEquals(1, plain().size());
        assertEquals(1, warnings.size());
    }

    @Test
    void aPointerIntoTheHeaderEndsTheList() {
        device.capability(0x40, 9, 16);
        device.config[0x41] = 0x3c;
        assertEquals(1, plain().size());
        assertEquals(
                List.of("PCI 00:02.0: capability pointer 0x3c leads into the header; the list ends there"), warnings);
    }

    @Test
    void anUnalignedPointerIsMaskedAndReported() {
        device.capability(0x40, 9, 16).capability(0x50, 9, 16);
        device.config[0x41] = 0x53;
        assertEquals(List.of(new PciCapability(9, 0x40, 16), new PciCapability(9, 0x50, 16)), plain());
        assertEquals(
                List.of("PCI 00:02.0: capability pointer 0x53 is not aligned; its low two bits are ignored"), warnings);
    }

    @Test
    void aDeviceThatIsGoneEndsTheList() {
        device.capability(0x40, 0xff);
        device.config[0x41] = (byte) 0xff;
        assertEquals(List.of(), plain());
        assertEquals(1, warnings.size());
    }

    @Test
    void theNullCapabilityIsOnlyALink() {
        device.capability(0x40, 0).capability(0x50, 9, 16);
        assertEquals(List.of(new PciCapability(9, 0x50, 16)), plain());
    }

    @Test
    void aVendorLengthBeyondTheSpaceIsCut() {
        device.capability(0xf8, 9, 20);
        assertEquals(List.of(new PciCapability(9, 0xf8, 8)), plain());
        assertEquals(1, warnings.size());
    }

    @Test
    void theExtendedListIsWalked() {
        extendedAt(0x100, 0x0f, 0x148);
        extendedAt(0x148, 0x10, 0);
        assertEquals(List.of(new PciCapability(0x0f, 0x100, 0), new PciCapability(0x10, 0x148, 0)), extended());
    }

    @Test
    void anExtendedCycleOrAPointerBelowEndsTheList() {
        extendedAt(0x100, 0x0f, 0x148);
        extendedAt(0x148, 0x10, 0x100);
        assertEquals(2, extended().size());
        extendedAt(0x148, 0x10, 0x40);
        assertEquals(2, extended().size());
        assertEquals(
                List.of(
                        "PCI 00:02.0: the extended capability list leads back to 0x100; it ends there",
                        "PCI 00:02.0: the extended capability list leads back to 0x40; it ends there"),
                warnings);
    }

    @Test
    void thePortsShowNoExtendedList() {
        extendedAt(0x100, 0x0f, 0);
        assertEquals(List.of(), CapabilityList.extended(new PortConfigSpace(bus), AT, warnings::add));
    }

    private void extendedAt(int offset, int id, int next) {
        device.set16(offset, id);
        device.set16(offset + 2, next << 4 | 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomSpacesEndAndStayInside(long seed) {
        Random random = new Random(seed);
        for (int turn = 0; turn < 300; turn++) {
            random.nextBytes(device.config);
            device.config[6] |= 0x10;
            for (PciCapability capability : plain()) {
                assertTrue(
                        capability.offset() >= 0x40 && capability.offset() + capability.length() <= 0x100,
                        "seed " + seed + ": " + capability);
            }
            assertTrue(extended().size() <= 960, "seed " + seed);
        }
    }
}
