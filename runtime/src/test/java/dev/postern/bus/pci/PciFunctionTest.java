package dev.postern.bus.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.firmware.acpi.Mcfg;
import org.junit.jupiter.api.Test;

class PciFunctionTest {

    private final ModelFunction device =
            ModelFunction.endpoint(0x1042).bar32(0, 4096).pin(1);
    private final ModelFunction bridge = ModelFunction.bridge(3);
    private final PciTree tree =
            Bench.enumerate(ModelBus.plain().put(2, 0, device).put(3, 0, bridge));
    private final PciFunction function = Bench.at(tree, "00:02.0");

    @Test
    void identityIsReadFromTheHeader() {
        assertEquals("00:02.0 1234:1042", function.toString());
        assertEquals(0x1234, function.vendorId());
        assertEquals(0x1042, function.deviceId());
        assertEquals(0xabcd, function.subsystemVendorId());
        assertEquals(0x0042, function.subsystemId());
        assertEquals(1, function.interruptPin());
        assertEquals(0x10, function.address().requesterId());
        PciFunction other = Bench.at(tree, "00:03.0");
        assertEquals(0x060400, other.classCode());
        assertTrue(other.bridge());
        assertEquals(0, other.subsystemVendorId());
    }

    @Test
    void aSecondClaimNamesTheOwner() {
        try (PciClaim claim = function.claim("blk")) {
            PciAlreadyClaimedException error =
                    assertThrows(PciAlreadyClaimedException.class, () -> function.claim("net"));
            assertEquals("blk", error.owner());
            assertEquals(
                    "PCI 00:02.0 1234:1042 belongs to blk, so net cannot have it: close the first claim",
                    error.getMessage());
            assertEquals("blk", claim.owner());
        }
        try (PciClaim again = function.claim("net")) {
            assertEquals(function, again.function());
        }
    }

    @Test
    void closingAnOldClaimTwiceDoesNotEndTheNext() {
        PciClaim first = function.claim("first");
        first.close();
        try (PciClaim second = function.claim("second")) {
            first.close();
            assertThrows(PciAlreadyClaimedException.class, () -> function.claim("third"));
            assertEquals("second", second.owner());
        }
    }

    @Test
    void commandBitsAreSwitchedOneByOne() {
        function.enableMemory();
        assertEquals(0x402, device.get(4, 2));
        function.enableBusMastering();
        assertTrue(function.busMastering());
        function.enableIntx();
        assertEquals(6, device.get(4, 2));
        function.disableBusMastering();
        assertFalse(function.busMastering());
        function.disableIntx();
        assertEquals(0x402, device.get(4, 2));
    }

    @Test
    void offsetsThatAreUnalignedOrOutsideAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> function.read16(1));
        assertThrows(IllegalArgumentException.class, () -> function.read32(0x1000));
        assertThrows(IllegalArgumentException.class, () -> function.write8(-1, 0));
        ConfigSpace ports = new PortConfigSpace(ModelBus.plain());
        assertThrows(IllegalArgumentException.class, () -> ports.read32(function.address(), 0x100));
    }

    @Test
    void aFunctionThatIsNotThereReadsAsOnes() {
        ConfigSpace config = tree.host().configSpace();
        PciAddress nowhere = new PciAddress(9, 0, 0);
        config.write32(nowhere, 4, 7);
        assertEquals(0xff, config.read8(nowhere, 0));
        assertEquals(0xffff, config.read16(nowhere, 0));
        assertEquals(-1, config.read32(nowhere, 0));
    }

    @Test
    void aBusOutsideTheWindowIsNeverAccessed() {
        ModelBus untouched = ModelBus.plain();
        ConfigSpace config = new EcamConfigSpace(untouched, new Mcfg.Segment(ModelBus.ECAM - (1L << 20), 0, 1, 1));
        assertEquals(0x1234, config.read16(new PciAddress(1, 0, 0), 0), "bus 1 is where the model has bus 0");
        assertEquals(0xffff, config.read16(new PciAddress(2, 0, 0), 0));
        config.write16(new PciAddress(2, 0, 0), 4, 7);
        assertEquals(-1, config.read32(new PciAddress(0, 0, 0), 0));
    }

    @Test
    void addressesHaveRanges() {
        assertThrows(IllegalArgumentException.class, () -> new PciAddress(256, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new PciAddress(0, 32, 0));
        assertThrows(IllegalArgumentException.class, () -> new PciAddress(0, 0, 8));
        assertEquals("ff:1f.7", new PciAddress(255, 31, 7).toString());
    }
}
