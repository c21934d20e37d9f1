package dev.postern.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.emulated.mischief.DiskField;
import dev.postern.emulated.mischief.SayField;
import dev.postern.machine.RegisterSpace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a disk says of itself, and that it keeps to it. */
class DiskConfigTest {

    private static final int IN = 0;
    private static final int OUT = 1;

    private static EmulatedMachine machine(DiskOptions options, VirtioOptions virtio) {
        return EmulatedMachine.builder()
                .device(SeededDisk.of(1 << 20, 42).id("d0").options(options).virtio(virtio))
                .build();
    }

    @ParameterizedTest
    @CsvSource({"0, 24", "1, 24", "10, 32", "11, 33", "13, 48", "14, 60", "16, 72", "17, 96", "15, 24"})
    void theConfigurationReachesAsFarAsWhatIsOffered(int offered, int length) {
        VirtioOptions virtio = offered == 0 ? VirtioOptions.DEFAULTS : VirtioOptions.DEFAULTS.offer(offered);
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS, virtio)) {
            assertEquals(length, PokedDevice.first(machine, 2).configLength());
        }
    }

    @Test
    void aDiskThatOffersNothingHasACapacityAlone() {
        VirtioOptions virtio =
                VirtioOptions.DEFAULTS.withhold(DiskFeature.SEG_MAX, DiskFeature.BLK_SIZE, DiskFeature.FLUSH);
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS, virtio)) {
            PokedDevice disk = PokedDevice.first(machine, 2);
            assertEquals(8, disk.configLength());
            assertEquals(2048, machine.registers().read32(disk.config));
            assertEquals(0, machine.registers().read32(disk.config + 4));
        }
    }

    @Test
    void everyFieldSaysWhatTheDiskWasTold() {
        DiskOptions options = DiskOptions.DEFAULTS
                .queues(3)
                .segMax(7)
                .sizeMax(8192)
                .blocks(new BlockSizes(1024, 4096, 2048, 65536))
                .discard(new RangeLimits(100, 2, 8))
                .writeZeroes(new RangeLimits(200, 3, 1))
                .secureErase(new RangeLimits(300, 4, 16));
        VirtioOptions virtio = VirtioOptions.DEFAULTS.offer(
                DiskFeature.SIZE_MAX,
                DiskFeature.CONFIG_WCE,
                DiskFeature.DISCARD,
                DiskFeature.WRITE_ZEROES,
                DiskFeature.SECURE_ERASE);
        try (EmulatedMachine machine = machine(options, virtio)) {
            PokedDevice disk = PokedDevice.first(machine, 2).start(disk(machine).offered());
            RegisterSpace registers = machine.registers();
            assertEquals(8192, registers.read32(disk.config + 8));
            assertEquals(7, registers.read32(disk.config + 12));
            assertEquals(1024, registers.read32(disk.config + 20));
            assertEquals(2, registers.read8(disk.config + 24), "4096 is 1024 by 2 to the power of 2");
            assertEquals(0, registers.read8(disk.config + 25));
            assertEquals(2, registers.read16(disk.config + 26));
            assertEquals(64, registers.read32(disk.config + 28));
            assertEquals(1, registers.read8(disk.config + 32));
            assertEquals(3, registers.read16(disk.config + 34));
            int[] rest = {100, 2, 8, 200, 3};
            for (int i = 0; i < rest.length; i++) {
                assertEquals(rest[i], registers.read32(disk.config + 36 + 4L * i));
            }
            assertEquals(1, registers.read8(disk.config + 56));
            assertEquals(300, registers.read32(disk.config + 60));
            assertEquals(4, registers.read32(disk.config + 64));
            assertEquals(16, registers.read32(disk.config + 68));
            assertEquals(List.of(), machine.guestErrors());
        }
    }

    private static PokedDevice disk(EmulatedMachine machine) {
        return PokedDevice.first(machine, 2);
    }

    @ParameterizedTest
    @CsvSource({"0, 4096, 0", "8, 8192, 0", "1, 4096, 1", "0, 512, 1", "8, 6144, 1"})
    void blocksOf4KiBAreReadAndWrittenWhole(long sector, int length, int status) {
        try (EmulatedMachine machine =
                machine(DiskOptions.DEFAULTS.blocks(BlockSizes.of(4096)), VirtioOptions.DEFAULTS)) {
            PokedDevice disk = disk(machine).start(PokedDevice.VERSION_1 | 1 << DiskFeature.BLK_SIZE);
            assertEquals(4096, machine.registers().read32(disk.config + 20));
            assertEquals(status, disk.request(IN, sector, length));
            assertEquals(status, disk.request(OUT, sector, length));
            assertEquals(List.of(), machine.guestErrors(), "the protocol counts sectors all the same");
        }
    }

    @Test
    void aDiskOfPartsOfBlocksIsRefused() {
        MachineConfigurationException refused = assertThrows(
                MachineConfigurationException.class,
                () -> EmulatedMachine.builder()
                        .device(SeededDisk.of(4096 + 512, 1).options(DiskOptions.DEFAULTS.blocks(BlockSizes.of(4096))))
                        .build());
        assertTrue(refused.getMessage().contains("give whole blocks"), refused.getMessage());
    }

    /** A request of several data descriptors, of 512 bytes each. */
    private static int cut(PokedDevice disk, int type, int segments, int bytes) {
        disk.header(type, 0);
        disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
        int flags = type == OUT ? PokedDevice.NEXT : PokedDevice.NEXT | PokedDevice.WRITE;
        for (int i = 1; i <= segments; i++) {
            disk.descriptor(i, disk.data() + 1024L * i, bytes, flags, i + 1);
        }
        disk.descriptor(segments + 1, disk.statusByte(), 1, PokedDevice.WRITE, 0);
        int before = disk.usedIndex();
        disk.offer(0);
        disk.kick(0);
        assertTrue(disk.waitUsed(before + 1));
        return disk.get8(disk.statusByte());
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void aDriverKeepsToTheNumberAndSizeOfSegmentsThatItTookNoteOf(int type) {
        DiskOptions options = DiskOptions.DEFAULTS.segMax(3).sizeMax(512);
        long both = 1L << DiskFeature.SEG_MAX | 1L << DiskFeature.SIZE_MAX;
        try (EmulatedMachine machine = machine(options, VirtioOptions.DEFAULTS.offer(DiskFeature.SIZE_MAX))) {
            PokedDevice disk = disk(machine).start(PokedDevice.VERSION_1 | both);
            assertEquals(0, cut(disk, type, 3, 512));
            assertEquals(1, cut(disk, type, 4, 512));
            assertEquals(1, cut(disk, type, 1, 1024));
            assertEquals(List.of("blk:27", "blk:24"), Guests.clauses(machine));
            disk.start(PokedDevice.VERSION_1);
            assertEquals(0, cut(disk, type, 4, 512), "it was not told");
            assertEquals(0, cut(disk, type, 1, 1024), "it was not told");
        }
    }

    @Test
    void hostManagedZonesStopADriverThatDoesNotKnowThem() {
        try (EmulatedMachine machine = machine(
                DiskOptions.DEFAULTS.zones(ZoneModel.HOST_MANAGED), VirtioOptions.DEFAULTS.offer(DiskFeature.ZONED))) {
            PokedDevice disk = disk(machine);
            assertEquals(1 << DiskFeature.ZONED, disk.offered() & 1 << DiskFeature.ZONED);
            assertEquals(2048, machine.registers().read32(disk.config + 72));
            assertEquals(1, machine.registers().read8(disk.config + 92));
            assertEquals(0, disk.negotiate(PokedDevice.VERSION_1) & 8, "FEATURES_OK (blk:343)");
            assertEquals(0, disk.negotiate(PokedDevice.VERSION_1 | 1 << DiskFeature.ZONED) & 8);
        }
    }

    @Test
    void hostAwareZonesAreHiddenFromADriverThatDoesNotKnowThem() {
        try (EmulatedMachine machine = machine(
                DiskOptions.DEFAULTS.zones(ZoneModel.HOST_AWARE), VirtioOptions.DEFAULTS.offer(DiskFeature.ZONED))) {
            PokedDevice disk = disk(machine);
            assertEquals(2, machine.registers().read8(disk.config + 92));
            disk.start(PokedDevice.VERSION_1);
            assertEquals(0, machine.registers().read8(disk.config + 92));
            assertEquals(0, machine.registers().read32(disk.config + 72));
            assertEquals(0, disk.request(IN, 0, 512));
            assertEquals(2, disk.request(16, 0, 512), "a zone report (blk:1054)");
            disk.reset();
            assertEquals(2, machine.registers().read8(disk.config + 92));
        }
    }

    @ParameterizedTest
    @EnumSource(DiskField.class)
    void aDiskCanLieAboutEveryField(DiskField field) {
        VirtioOptions lying = VirtioOptions.DEFAULTS
                .offer(10, 11, 13, 14, 16, 17, 1)
                .mischief(new SayField(field, 0x8182_8384_8586_8788L));
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS.queues(2), lying)) {
            PokedDevice disk = disk(machine).start(PokedDevice.VERSION_1 | PokedDevice.FLUSH | 1 << 11);
            RegisterSpace registers = machine.registers();
            long at = disk.config + field.offset();
            long said = switch (field.width()) {
                case 1 -> registers.read8(at);
                case 2 -> registers.read16(at);
                case 4 -> registers.read32(at) & 0xffff_ffffL;
                default -> registers.read32(at) & 0xffff_ffffL | (long) registers.read32(at + 4) << 32;
            };
            assertEquals(
                    field.width() == 8 ? 0x8182_8384_8586_8788L : 0x8586_8788L & (1L << 8 * field.width()) - 1, said);
            assertEquals(0, disk.request(IN, 0, 512), "it serves as it would");
        }
    }

    @Test
    void aDiskThatShrinksUnderARequestFailsItAndBlamesNobody() {
        try (EmulatedMachine machine = machine(DiskOptions.DEFAULTS, VirtioOptions.DEFAULTS)) {
            PokedDevice disk = disk(machine).start(PokedDevice.VERSION_1);
            int generation = machine.registers().read8(disk.common + 21);
            disk.header(IN, 2040);
            disk.descriptor(0, disk.header(), 16, PokedDevice.NEXT, 1);
            disk.descriptor(1, disk.data(), 512, PokedDevice.NEXT | PokedDevice.WRITE, 2);
            disk.descriptor(2, disk.statusByte(), 1, PokedDevice.WRITE, 0);
            disk.offer(0);
            disk.kick(0);
            machine.disk("d0").changeCapacity(1 << 19);
            assertTrue(disk.waitUsed(1));
            assertEquals(1, disk.get8(disk.statusByte()));
            assertEquals(1024, machine.registers().read32(disk.config));
            assertTrue(machine.registers().read8(disk.common + 21) != generation, "the generation differs");
            assertEquals(List.of(), machine.guestErrors());
            disk.start(PokedDevice.VERSION_1);
            assertEquals(1, disk.request(IN, 2040, 512));
            assertEquals(List.of("blk:871"), Guests.clauses(machine), "by now the guest knows");
        }
    }
}
