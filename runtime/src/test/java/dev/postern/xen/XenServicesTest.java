package dev.postern.xen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.FakeGuest;
import dev.postern.platform.PlatformDetection;
import dev.postern.platform.UnknownPlatformException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class XenServicesTest {

    private final FakeXen xen = new FakeXen(FakeRam.region(0x8000_0000L, 2 << 20));

    private String refusal() {
        String message = assertThrows(XenException.class, xen::services).getMessage();
        assertFalse(message.contains("\n"), message);
        assertTrue(message.contains("; ") || message.contains(": "), "no remedy in " + message);
        return message;
    }

    @Test
    void withoutXenThereIsNothingAndNoCallIsMade() throws UnknownPlatformException {
        RamRegion ram = FakeRam.region(0x8000_0000L, 1 << 20);
        FakeGuest guest = new FakeGuest(Architecture.X86_64).ram(ram);
        FrameAllocator frames = new FrameAllocator(new PhysicalMemory(List.of(ram)), List.of());
        XenServices services = XenServices.of(guest, PlatformDetection.detect(guest), frames);
        assertEquals(Optional.empty(), services.grantTable());
        assertEquals(Optional.empty(), services.machineFrames());
        assertEquals(0, guest.acts().acts());
        assertEquals(1 << 20, frames.freeBytes());
        assertTrue(assertThrows(XenException.class, () -> services.forDomain(3))
                .getMessage()
                .contains("domain 3"));
        assertEquals(List.of(), XenServices.leftInRam(guest, PlatformDetection.detect(guest)));
    }

    @Test
    void anOrdinaryXenGuestHasGrantsAndNoMachineFrames() throws UnknownPlatformException {
        XenServices services = xen.services();
        assertTrue(services.grantTable().isPresent());
        assertEquals(Optional.empty(), services.machineFrames());
        assertSame(services.forDomain(0), services.grantTable().orElseThrow());
        assertSame(services.forDomain(7), services.forDomain(7));
        assertEquals(1, xen.placed.size());
    }

    @Test
    void domainsThatAreNoneAreRefused() throws UnknownPlatformException {
        XenServices services = xen.services();
        services.forDomain(0x7fef);
        for (int domain : List.of(-1, 0x7ff0, 0x7fff, 0x10000)) {
            assertThrows(XenException.class, () -> services.forDomain(domain));
        }
    }

    @Test
    void eachRefusedCallIsNamedWithItsAnswer() {
        xen.placeAnswer = -22;
        assertTrue(refusal().contains("XENMEM_add_to_physmap of grant table frame 0 at guest frame 0x"));
        assertTrue(refusal().contains("-22 (EINVAL)"));
        xen.sizeAnswer = -1;
        assertTrue(refusal().contains("GNTTABOP_query_size: Xen answered -1 (EPERM)"));
        xen.sizeAnswer = 0;
        xen.sizeStatus = -8;
        assertTrue(refusal().contains("status -8"));
        xen.sizeStatus = 0;
        xen.mostFrames = 0;
        assertTrue(refusal().contains("at most 0 frames"));
        xen.versionAnswer = -16;
        assertTrue(refusal().contains("GNTTABOP_set_version to 1: Xen answered -16 (EBUSY)"));
        xen.versionAnswer = 0;
        xen.versionInEffect = 2;
        assertTrue(refusal().contains("version 2"));
    }

    @Test
    void aHypervisorWithoutTheCallForVersionsHasTheFirst() throws UnknownPlatformException {
        xen.versionAnswer = -38;
        assertTrue(xen.services().grantTable().isPresent());
    }

    @Test
    void anAllowanceBeyondAllReasonIsNotBelieved() throws UnknownPlatformException {
        xen.mostFrames = -1;
        GrantTable table = xen.services().grantTable().orElseThrow();
        assertTrue(table.grant(0x8000_0000L, GrantTable.Access.READ_ONLY) >= 8);
        assertEquals(1, xen.placed.size());
    }

    @Test
    void aXenGuestThatCannotMakeHypercallsIsTold() {
        RamRegion low = FakeRam.region(0, 2 << 20);
        new StartInfoBytes(low);
        FakeGuest guest =
                new FakeGuest(Architecture.X86_64).ram(low).startInfoPa(0).mute();
        FrameAllocator frames = new FrameAllocator(new PhysicalMemory(List.of(low)), List.of());
        String message = assertThrows(
                        XenException.class, () -> XenServices.of(guest, PlatformDetection.detect(guest), frames))
                .getMessage();
        assertTrue(message.contains("hypercalls"), message);
    }
}
