package dev.postern.xen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeRam;
import dev.postern.machine.RamRegion;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.NotRamException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.PlatformDetection;
import dev.postern.platform.UnknownPlatformException;
import dev.postern.platform.XenStartInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineFramesTest {

    private static final long PAGE = 4096;

    private final RamRegion ram = FakeRam.region(0, 2 << 20);
    private final StartInfoBytes info = new StartInfoBytes(ram);
    private final FakeXen xen = new FakeXen(ram);

    private XenServices services() throws UnknownPlatformException {
        xen.guest.startInfoPa(info.pa());
        return xen.services();
    }

    @Test
    void everyByteHasTheMachineAddressThatTheListGivesItsPage() throws UnknownPlatformException {
        info.frame(5, (1L << 40) - 1);
        MachineFrames frames = services().machineFrames().orElseThrow();
        assertEquals(0x1000 * PAGE, frames.machineAddress(0));
        assertEquals(0x1002 * PAGE + 0xabc, frames.machineAddress(PAGE + 0xabc));
        assertEquals((1L << 52) - PAGE, frames.machineAddress(5 * PAGE));
        assertEquals((0x1000 + 2 * 511) * PAGE + 4095, frames.machineAddress((2 << 20) - 1));
    }

    @Test
    void aLaterChangeOfTheListChangesNothing() throws UnknownPlatformException {
        MachineFrames frames = services().machineFrames().orElseThrow();
        info.frame(1, 0x77);
        assertEquals(0x1002 * PAGE, frames.machineAddress(PAGE));
    }

    @Test
    void whatIsNoRamHasNoMachineAddress() throws UnknownPlatformException {
        MachineFrames frames = services().machineFrames().orElseThrow();
        for (long pa : List.of(-1L, Long.MIN_VALUE, 2L << 20, Long.MAX_VALUE)) {
            assertThrows(NotRamException.class, () -> frames.machineAddress(pa), Long.toHexString(pa));
        }
    }

    @Test
    void aHoleBetweenRegionsHasNoMachineAddressWhateverTheListSays() throws UnknownPlatformException {
        RamRegion low = FakeRam.region(0, 1 << 20);
        RamRegion high = FakeRam.region(2 << 20, 1 << 20);
        StartInfoBytes bytes = new StartInfoBytes(low);
        bytes.pages(768);
        for (int page = 256; page < 512; page++) {
            bytes.frame(page, -1);
        }
        for (int page = 512; page < 768; page++) {
            bytes.frame(page, 0x9000 + page);
        }
        PhysicalMemory memory = new PhysicalMemory(List.of(low, high));
        MachineFrames frames = FrameList.read(XenStartInfo.read(memory, 0), memory);
        assertEquals((0x9000 + 512) * PAGE, frames.machineAddress(2 << 20));
        assertThrows(NotRamException.class, () -> frames.machineAddress(1 << 20));
    }

    @Test
    void aFrameThatCannotBeOrIsThereTwiceIsRefused() {
        for (long frame : List.of(-1L, Long.MIN_VALUE, 1L << 40, 1L << 51)) {
            info.frame(3, frame);
            String message = assertThrows(XenException.class, this::services).getMessage();
            assertTrue(message.contains("page 0x3"), message);
        }
        info.frame(3, 0x1000 + 2 * 400);
        String message = assertThrows(XenException.class, this::services).getMessage();
        assertTrue(message.contains("two pages of RAM lie in machine frame 0x1320"), message);
    }

    @Test
    void grantsOfAParavirtualisedGuestNameMachineFrames() throws UnknownPlatformException {
        GrantTable table = services().grantTable().orElseThrow();
        int first = table.grantRun(0x10_0000, 2, GrantTable.Access.READ_WRITE);
        assertEquals(0x1000 + 2 * 256, xen.frame(first));
        assertEquals(0x1000 + 2 * 257, xen.frame(first + 1));
    }

    @Test
    void aMachineFrameThatAnEntryCannotNameLeavesAWholeRunUngranted() throws UnknownPlatformException {
        info.frame(257, 1L << 32);
        GrantTable table = services().grantTable().orElseThrow();
        assertThrows(XenException.class, () -> table.grantRun(0x10_0000, 2, GrantTable.Access.READ_WRITE));
        assertEquals(0, table.inUse());
        assertEquals(0, xen.flags(8));
    }

    @Test
    void whatXenLeftInRamIsNamedSoThatItCanBeReserved() throws UnknownPlatformException {
        xen.guest.startInfoPa(info.pa());
        List<PhysRange> left = XenServices.leftInRam(xen.guest, PlatformDetection.detect(xen.guest));
        assertEquals(List.of(new PhysRange(0, 1168), new PhysRange(4096, 512 * 8)), left);
        FrameAllocator frames = new FrameAllocator(new PhysicalMemory(List.of(ram)), left);
        assertTrue(XenServices.of(xen.guest, PlatformDetection.detect(xen.guest), frames)
                .machineFrames()
                .isPresent());
    }
}
