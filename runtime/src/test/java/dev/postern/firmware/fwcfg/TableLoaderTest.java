package dev.postern.firmware.fwcfg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;

import dev.postern.fakes.FakeFwCfgPorts;
import dev.postern.fakes.FakeMachine;
import dev.postern.fakes.FakeRam;
import dev.postern.machine.RegisterSpace;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.OutOfFramesException;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableLoaderTest {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String RSDP = "etc/acpi/rsdp";
    private static final String TABLES = "etc/acpi/tables";

    private final PhysicalMemory memory = FakeRam.memory(0, 4 << 20, 1L << 32, 4 << 20);
    private final FrameAllocator frames = new FrameAllocator(memory, List.of());
    private final FakeFwCfgPorts ports = new FakeFwCfgPorts(memory);
    private final ByteArrayOutputStream script = new ByteArrayOutputStream();
    private final long free = frames.freeBytes();

    private ByteBuffer command(int kind, String first) {
        ByteBuffer entry = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt(kind).put(first.getBytes(StandardCharsets.US_ASCII));
        return entry.position(60);
    }

    private TableLoaderTest add(ByteBuffer entry) {
        script.writeBytes(entry.array());
        return this;
    }

    private TableLoaderTest allocate(String file, int alignment) {
        return add(command(1, file).putInt(alignment).put((byte) 2));
    }

    private TableLoaderTest addPointer(String holder, String target, int offset, int width) {
        ByteBuffer entry = command(2, holder).put(target.getBytes(StandardCharsets.US_ASCII));
        return add(entry.position(116).putInt(offset).put((byte) width));
    }

    private TableLoaderTest addChecksum(String file, int offset, int start, int length) {
        return add(command(3, file).putInt(offset).putInt(start).putInt(length));
    }

    private TableLoaderTest writePointer(String holder, String target, int offset, int inside, int width) {
        ByteBuffer entry = command(4, holder).put(target.getBytes(StandardCharsets.US_ASCII));
        return add(entry.position(116).putInt(offset).putInt(inside).put((byte) width));
    }

    private Optional<LoadedTables> load() {
        ports.file("etc/table-loader", script.toByteArray());
        return TableLoader.load(detect(), frames);
    }

    private FwCfg detect() {
        return FwCfg.detect(new FakeMachine(memory.regions(), mock(RegisterSpace.class), Optional.of(ports)), frames)
                .orElseThrow();
    }

    private TableLoaderTest filesOfTwo() {
        byte[] rsdp = new byte[20];
        rsdp[16] = 0x30;
        byte[] tables = new byte[0x100];
        tables[0x30] = 5;
        ports.file(RSDP, rsdp).file(TABLES, tables).file("etc/address", new byte[12]);
        return allocate(RSDP, 16).allocate(TABLES, 8192);
    }

    private void assertRefused(String message) {
        assertEquals(message, assertThrows(FwCfgException.class, this::load).getMessage());
        assertEquals(free, frames.freeBytes(), "a refused script keeps no frames");
    }

    @Test
    void aDeviceWithoutScriptHasNoTables() {
        assertTrue(TableLoader.load(detect(), frames).isEmpty());
    }

    @Test
    void filesArePlacedBelowFourGibibytesAndLinked() {
        filesOfTwo().addPointer(RSDP, TABLES, 16, 4);
        LoadedTables loaded = load().orElseThrow();
        PhysRange tables = loaded.ranges().get(1);
        assertEquals(loaded.rsdpPa(), loaded.ranges().getFirst().basePa());
        assertTrue(tables.endPa() <= 1L << 32);
        assertEquals(0, tables.basePa() % 8192);
        int pointer = memory.slice(loaded.rsdpPa(), 20).get(INT, 16);
        assertEquals(tables.basePa() + 0x30, pointer);
        assertEquals(5, memory.slice(pointer, 1).get(ValueLayout.JAVA_BYTE, 0));
        loaded.ranges().forEach(frames::free);
        assertEquals(free, frames.freeBytes());
    }

    @Test
    void aChecksumMakesItsPartAddUpToZero() {
        filesOfTwo().addPointer(RSDP, TABLES, 16, 4).addChecksum(RSDP, 8, 0, 20);
        MemorySegment rsdp = memory.slice(load().orElseThrow().rsdpPa(), 20);
        int sum = 0;
        for (byte part : rsdp.toArray(ValueLayout.JAVA_BYTE)) {
            sum += part;
        }
        assertEquals(0, sum & 0xff);
        assertTrue(rsdp.get(ValueLayout.JAVA_BYTE, 8) != 0);
    }

    @Test
    void theDeviceIsToldAnAddress() {
        filesOfTwo().writePointer("etc/address", TABLES, 4, 0x28, 8);
        LoadedTables loaded = load().orElseThrow();
        ByteBuffer told = ByteBuffer.wrap(ports.content("etc/address")).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(loaded.ranges().get(1).basePa() + 0x28, told.getLong(4));
        assertEquals(0, told.getInt(0));
    }

    @Test
    void unknownCommandsAreSkipped() {
        filesOfTwo().add(command(0, "")).add(command(0x8000_0000, "x"));
        assertTrue(load().isPresent());
    }

    @Test
    void aScriptThatDoesNotLoadTheRootPointerIsRefused() {
        ports.file(TABLES, new byte[8]);
        allocate(TABLES, 1);
        assertRefused("fw_cfg: the table loader script did not allocate etc/acpi/rsdp");
    }

    @Test
    void aPointerOutsideItsFileIsRefused() {
        filesOfTwo().addPointer(RSDP, TABLES, 17, 4);
        assertRefused("fw_cfg: the table loader script goes to 4 bytes at offset 17 of etc/acpi/rsdp, which has 20");
    }

    @Test
    void aPointerBeyondItsTargetIsRefused() {
        filesOfTwo().addPointer(TABLES, RSDP, 0x30, 4).addPointer(TABLES, RSDP, 0x30, 4);
        assertTrue(assertThrows(FwCfgException.class, this::load).getMessage().contains("of etc/acpi/rsdp"));
        assertEquals(free, frames.freeBytes());
    }

    @Test
    void anAddressThatDoesNotFitItsPointerIsRefused() {
        filesOfTwo().addPointer(RSDP, TABLES, 17, 1);
        assertTrue(assertThrows(FwCfgException.class, this::load).getMessage().contains("pointer of 1 bytes"));
    }

    @Test
    void aChecksumOutsideItsFileIsRefused() {
        filesOfTwo().addChecksum(RSDP, 8, 19, 2);
        assertRefused("fw_cfg: the table loader script goes to 2 bytes at offset 19 of etc/acpi/rsdp, which has 20");
    }

    @Test
    void aNegativeChecksumLengthIsRefused() {
        filesOfTwo().addChecksum(RSDP, 8, 0, -1);
        assertThrows(FwCfgException.class, this::load);
    }

    @Test
    void aFileCannotBeAllocatedTwice() {
        filesOfTwo().allocate(RSDP, 16);
        assertRefused("fw_cfg: the table loader script allocates etc/acpi/rsdp twice");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -2})
    void anAlignmentThatIsNoPowerOfTwoIsRefused(int alignment) {
        ports.file(RSDP, new byte[20]);
        allocate(RSDP, alignment);
        assertThrows(FwCfgException.class, this::load);
    }

    @Test
    void anAlignmentThatIsTheSignBitIsRefused() {
        ports.file(RSDP, new byte[20]);
        allocate(RSDP, Integer.MIN_VALUE);
        assertThrows(FwCfgException.class, this::load);
    }

    @Test
    void aScriptThatIsCutIsRefused() {
        filesOfTwo();
        script.write(0);
        assertThrows(FwCfgException.class, this::load);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void damagedScriptsEndInAnAnswerAndKeepNoFrames(long seed) {
        filesOfTwo()
                .addPointer(RSDP, TABLES, 16, 4)
                .addChecksum(RSDP, 8, 0, 20)
                .writePointer("etc/address", TABLES, 4, 0x28, 8);
        byte[] whole = script.toByteArray();
        byte[] damaged = whole.clone();
        ports.file("etc/table-loader", damaged);
        FwCfg fwCfg = detect();
        Random random = new Random(seed);
        for (int turn = 0; turn < 500; turn++) {
            System.arraycopy(whole, 0, damaged, 0, whole.length);
            int at = random.nextInt(whole.length);
            // The interesting bytes are few among zeroes: go to a neighbour of one that is not zero.
            while (whole[at] == 0 && random.nextInt(20) != 0) {
                at = random.nextInt(whole.length);
            }
            damaged[at] = (byte) random.nextInt(256);
            try {
                TableLoader.load(fwCfg, frames)
                        .ifPresent(tables -> tables.ranges().forEach(frames::free));
            } catch (FwCfgException | OutOfFramesException refused) {
                assertEquals(1, refused.getMessage().lines().count(), "seed " + seed + ", turn " + turn);
            }
            assertEquals(free, frames.freeBytes(), "seed " + seed + ", turn " + turn);
        }
    }
}
