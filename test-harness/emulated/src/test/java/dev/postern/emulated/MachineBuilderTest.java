package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.FailSectors;
import dev.postern.machine.RamRegion;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineBuilderTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private static void assertRefused(String word, org.junit.jupiter.api.function.Executable act) {
        String message = assertThrows(MachineConfigurationException.class, act).getMessage();
        assertTrue(message.contains(word), message);
        assertFalse(message.contains("\n"), message);
    }

    private static void assertRefused(String word, DeviceSpec... devices) {
        MachineBuilder builder = EmulatedMachine.builder();
        Stream.of(devices).forEach(builder::device);
        assertRefused(word, builder::build);
    }

    private static List<List<Long>> layout(MachineBuilder builder) {
        try (EmulatedMachine machine = builder.build()) {
            return machine.ram().stream()
                    .map(r -> List.of(r.basePa(), r.size()))
                    .toList();
        }
    }

    @Test
    void ramHasAHoleBelowFourGibibytes() {
        assertEquals(List.of(List.of(0L, 64 * MIB), List.of(1L << 32, 64 * MIB)), layout(EmulatedMachine.builder()));
        assertEquals(
                List.of(List.of(0L, 2048 * MIB), List.of(1L << 32, 6144 * MIB)),
                layout(EmulatedMachine.builder().ramBytes(8192 * MIB)));
        assertEquals(
                List.of(List.of(0L, 8 * MIB)),
                layout(EmulatedMachine.builder().ramBytes(8 * MIB).lowRamBytes(8 * MIB)));
    }

    @Test
    void allOfRamIsZeroedUsableAndDistinct() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().ramBytes(4 * MIB).build()) {
            RamRegion low = machine.ram().getFirst();
            RamRegion high = machine.ram().getLast();
            assertEquals(0, low.segment().get(ValueLayout.JAVA_LONG, low.size() - 8));
            assertEquals(
                    -1,
                    high.segment()
                            .asSlice(0)
                            .mismatch(java.lang.foreign.MemorySegment.ofArray(new byte[(int) high.size()])));
            low.segment().fill((byte) 1);
            high.segment().fill((byte) 2);
            assertEquals(1, low.segment().get(ValueLayout.JAVA_BYTE, low.size() - 1));
            assertEquals(2, high.segment().get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void closingUnmapsTheRamAndLeavesNoFile() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        Assumptions.assumeTrue(Files.isReadable(maps), "no list of mappings here");
        EmulatedMachine machine = EmulatedMachine.builder()
                .ramBytes(64 * MIB)
                .lowRamBytes(64 * MIB)
                .build();
        String address = Long.toHexString(machine.ram().getFirst().segment().address());
        assertTrue(Files.readString(maps).contains(address + "-"));
        machine.close();
        assertFalse(Files.readString(maps).contains(address + "-"));
    }

    @Test
    void ramSizesThatCannotBeAreRefused() {
        assertRefused(
                "multiple of 4096",
                () -> EmulatedMachine.builder().ramBytes(4097 * 1024 + 1).build());
        assertRefused("2 MiB", () -> EmulatedMachine.builder().ramBytes(MIB).build());
        assertRefused(
                "low RAM",
                () -> EmulatedMachine.builder().lowRamBytes(129 * MIB).build());
        assertRefused(
                "low RAM",
                () -> EmulatedMachine.builder()
                        .ramBytes(8192 * MIB)
                        .lowRamBytes(4096 * MIB)
                        .build());
    }

    @Test
    void badFilesAreRefused() throws IOException {
        Path missing = folder.resolve("missing.img");
        Path empty = Files.createFile(folder.resolve("empty.img"));
        Path odd = Files.write(folder.resolve("odd.img"), new byte[513]);
        assertRefused("does not exist", FileDisk.of(missing));
        assertRefused("not a regular file", FileDisk.of(folder));
        assertRefused("512-byte sectors", FileDisk.of(empty));
        assertRefused("512-byte sectors", FileDisk.of(odd));
    }

    @Test
    void filesWithoutPermissionAreRefused() throws IOException {
        Path closed = Files.write(folder.resolve("closed.img"), new byte[512]);
        Assumptions.assumeTrue(closed.toFile().setReadOnly() && !Files.isWritable(closed), "run without root rights");
        assertRefused("may not be written", FileDisk.of(closed));
        EmulatedMachine.builder().device(FileDisk.of(closed).ro()).build().close();
    }

    @Test
    void placesThatDoNotExistAreRefused() {
        assertRefused("no bus rp9", Rng.of().bus("rp9"));
        assertRefused("no bus rp0", Rng.of().bus("rp0"), RootPort.of("rp0"));
        assertRefused(
                "is full", RootPort.of("rp0"), Rng.of().bus("rp0"), Rng.of().bus("rp0"));
        assertRefused("is conventional", Bridge.of("br0"), RootPort.of("rp0").bus("br0"));
        assertRefused("given twice", Rng.of().id("x"), Rng.of().id("x"));
        assertRefused("another name", Rng.of().id("pcie.0"));
        assertRefused("is full", Stream.generate(Rng::of).limit(31).toArray(DeviceSpec[]::new));
    }

    @Test
    void aBridgeHoldsThirtyTwoDevices() {
        MachineBuilder builder = EmulatedMachine.builder().device(Bridge.of("br0"));
        for (int i = 0; i < 32; i++) {
            builder.device(Rng.of().bus("br0"));
        }
        try (EmulatedMachine machine = builder.build()) {
            assertEquals(
                    32,
                    new PokedBuses(machine)
                            .setUp().found().stream().filter(f -> f.bus() == 1).count());
        }
        builder.device(Rng.of().bus("br0"));
        assertRefused("is full", builder::build);
    }

    @Test
    void featuresThatCannotBeServedAreRefused() {
        assertRefused("cannot be served", Rng.of().virtio(VirtioOptions.DEFAULTS.offer(37)));
        assertRefused("cannot be served", Rng.of().virtio(VirtioOptions.DEFAULTS.offer(1)));
        assertRefused("is not offered", Rng.of().virtio(VirtioOptions.DEFAULTS.withhold(33)));
        assertRefused("disks alone", Rng.of().virtio(VirtioOptions.DEFAULTS.mischief(new FailSectors(0, 1))));
    }

    @Test
    void sizesThatCannotBeAreRefused() {
        assertRefused("multiple of 512", SeededDisk.of(1000, 1));
        assertRefused("power of two", () -> VirtioOptions.DEFAULTS.queueSize(100));
        assertRefused("offer RING_PACKED (34) first", () -> VirtioOptions.DEFAULTS.queueSize(100));
        assertRefused("32768", () -> VirtioOptions.DEFAULTS.offer(34).queueSize(32769));
        assertRefused("32768", () -> VirtioOptions.DEFAULTS.queueSize(0));
        assertRefused("1 to 64", () -> VirtioOptions.DEFAULTS.addressBits(0));
        assertRefused("1 to 64", () -> VirtioOptions.DEFAULTS.addressBits(65));
        assertRefused("20 ASCII", () -> DiskOptions.DEFAULTS.serial("123456789012345678901"));
        assertRefused("1 to 16", () -> DiskOptions.DEFAULTS.queues(0));
    }

    @Test
    void aBuilderBuildsMoreThanOnce() {
        MachineBuilder builder =
                EmulatedMachine.builder().device(SeededDisk.of(512, 1).id("d0"));
        try (EmulatedMachine first = builder.build();
                EmulatedMachine second = builder.build()) {
            PokedDevice.first(first, 2).start(PokedDevice.VERSION_1).request(0, 0, 512);
            assertEquals(1, first.disk("d0").counters().reads());
            assertEquals(0, second.disk("d0").counters().reads());
        }
    }

    @Test
    void anUnknownDiskIsNamed() {
        try (EmulatedMachine machine =
                EmulatedMachine.builder().device(SeededDisk.of(512, 1)).build()) {
            assertEquals(0, machine.disk("disk0").counters().reads());
            assertTrue(assertThrows(IllegalArgumentException.class, () -> machine.disk("x"))
                    .getMessage()
                    .contains("[disk0]"));
        }
    }
}
