package dev.postern.firmware.fwcfg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.postern.fakes.FakeFwCfgPorts;
import dev.postern.fakes.FakeMachine;
import dev.postern.fakes.FakeRam;
import dev.postern.machine.PortSpace;
import dev.postern.machine.RegisterSpace;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysicalMemory;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FwCfgTest {

    private final PhysicalMemory memory = FakeRam.memory(0, 4 << 20);
    private final FrameAllocator frames = new FrameAllocator(memory, List.of());
    private final FakeFwCfgPorts ports = new FakeFwCfgPorts(memory);
    private final long free = frames.freeBytes();

    private Optional<FwCfg> detect(Optional<PortSpace> space) {
        return FwCfg.detect(new FakeMachine(memory.regions(), mock(RegisterSpace.class), space), frames);
    }

    private FwCfg detect() {
        return detect(Optional.of(ports)).orElseThrow();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aMachineWithoutTheDeviceHasNone() {
        PortSpace nothing = mock(PortSpace.class);
        when(nothing.in8(anyInt())).thenReturn(0xff);
        assertTrue(detect(Optional.of(nothing)).isEmpty());
        assertTrue(detect(Optional.empty()).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 65536, 65537, 200_000})
    void aFileIsReadWholeByDmaAndItsFramesComeBack(int length) {
        byte[] content = random(length);
        ports.file("etc/one", new byte[] {1}).file("etc/two", content);
        FwCfg fwCfg = detect();
        assertTrue(fwCfg.hasDma());
        assertArrayEquals(content, fwCfg.file("etc/two").orElseThrow());
        assertEquals(8, ports.bytesByPort(), "signature and features alone go through the port");
        assertEquals(free, frames.freeBytes());
    }

    @Test
    void withoutDmaAFileIsReadByteByByte() {
        byte[] content = random(5000);
        ports.withoutDma().file("etc/two", content);
        FwCfg fwCfg = detect();
        assertFalse(fwCfg.hasDma());
        assertArrayEquals(content, fwCfg.file("etc/two").orElseThrow());
        FwCfgFile file = fwCfg.entry("etc/two").orElseThrow();
        assertThrows(FwCfgException.class, () -> fwCfg.write(file, 0, new byte[1]));
    }

    @Test
    void aFileThatDoesNotExistIsEmpty() {
        assertTrue(detect().file("etc/none").isEmpty());
    }

    @Test
    void aPartOfAFileIsWritten() {
        ports.file("etc/address", new byte[16]);
        FwCfg fwCfg = detect();
        FwCfgFile file = fwCfg.entry("etc/address").orElseThrow();
        fwCfg.write(file, 13, new byte[] {7, 8, 9});
        assertEquals(9, ports.content("etc/address")[15]);
        assertEquals(7, ports.content("etc/address")[13]);
        assertEquals(0, ports.content("etc/address")[12]);
        assertThrows(FwCfgException.class, () -> fwCfg.write(file, 14, new byte[3]));
        assertThrows(FwCfgException.class, () -> fwCfg.write(file, -1, new byte[1]));
        assertEquals(free, frames.freeBytes());
    }

    @Test
    void anAbsurdCountOfFilesIsRefused() {
        ports.declareFiles(Integer.MAX_VALUE);
        assertThrows(FwCfgException.class, this::detect);
        assertEquals(free, frames.freeBytes());
    }

    @Test
    void anAbsurdSizeIsRefusedByName() {
        ports.file("etc/huge", new byte[1]);
        ports.declareSize(Integer.MAX_VALUE);
        assertEquals(
                "fw_cfg: file etc/huge says 2147483647 bytes; more than 67108864 are not believed",
                assertThrows(FwCfgException.class, this::detect).getMessage());
    }

    @Test
    void twoFilesOfOneNameAreRefused() {
        ports.file("etc/twin", new byte[1]).file("etc/twin", new byte[2]);
        assertEquals(
                "fw_cfg: two files are called etc/twin",
                assertThrows(FwCfgException.class, this::detect).getMessage());
    }

    @Test
    void aDeviceThatDoesNotAnswerIsGivenUpAndItsFramesAreNeverUsedAgain() {
        ports.file("etc/one", new byte[10]);
        FwCfg fwCfg = detect();
        ports.stopAnswering();
        FwCfgException error = assertThrows(FwCfgException.class, () -> fwCfg.file("etc/one"));
        assertTrue(error.getMessage().contains("did not finish in 5 s"), error.getMessage());
        assertNotEquals(free, frames.freeBytes());
    }
}
