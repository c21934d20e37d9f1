package dev.postern.lab;

import static dev.postern.lab.DiskAccess.READ_WRITE;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.machine.RegisterSpace;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ReservedFeatures;
import dev.postern.virtio.blk.BlkDevice;
import dev.postern.virtio.blk.BlkFeatures;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Driver and device side against a third source: a live guest's registers and memory are read at the offsets that Linux's
 * headers give, and hold what the specification says they hold. No constant of ours is looked at, only what came of it.
 */
@Timeout(120)
class LinuxLayoutTest {

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final List<String> EXPRESSIONS = List.of(
            common("device_status"),
            common("num_queues"),
            common("queue_select"),
            common("queue_size"),
            common("queue_enable"),
            common("queue_msix_vector"),
            common("msix_config"),
            common("queue_desc_lo"),
            common("queue_avail_lo"),
            common("queue_used_lo"),
            common("device_feature_select"),
            common("device_feature"),
            common("guest_feature_select"),
            common("guest_feature"),
            "offsetof(struct virtio_pci_cap, cfg_type)",
            "offsetof(struct virtio_pci_cap, bar)",
            "offsetof(struct virtio_pci_cap, offset)",
            "offsetof(struct virtio_pci_cap, length)",
            "offsetof(struct virtio_pci_notify_cap, notify_off_multiplier)",
            "VIRTIO_PCI_CAP_COMMON_CFG",
            "VIRTIO_PCI_CAP_NOTIFY_CFG",
            "VIRTIO_PCI_CAP_ISR_CFG",
            "VIRTIO_PCI_CAP_DEVICE_CFG",
            config("capacity"),
            config("seg_max"),
            config("blk_size"),
            "sizeof(struct vring_desc)",
            desc("addr"),
            desc("len"),
            desc("flags"),
            desc("next"),
            "offsetof(struct vring_avail, idx)",
            "offsetof(struct vring_avail, ring)",
            "offsetof(struct vring_used, idx)",
            "offsetof(struct vring_used, ring)",
            "sizeof(struct vring_used_elem)",
            "offsetof(struct vring_used_elem, id)",
            "offsetof(struct vring_used_elem, len)",
            "VRING_DESC_F_NEXT",
            "VRING_DESC_F_WRITE",
            "VRING_DESC_F_INDIRECT",
            "VRING_AVAIL_F_NO_INTERRUPT",
            "offsetof(struct virtio_blk_outhdr, type)",
            "offsetof(struct virtio_blk_outhdr, sector)",
            "sizeof(struct virtio_blk_outhdr)",
            "VIRTIO_BLK_T_IN",
            "VIRTIO_BLK_T_FLUSH",
            "VIRTIO_BLK_T_GET_ID",
            "VIRTIO_BLK_S_OK",
            "VIRTIO_BLK_ID_BYTES",
            "VIRTIO_ID_BLOCK",
            "VIRTIO_ID_RNG",
            "VIRTIO_BLK_F_SIZE_MAX",
            "VIRTIO_BLK_F_SEG_MAX",
            "VIRTIO_BLK_F_RO",
            "VIRTIO_BLK_F_BLK_SIZE",
            "VIRTIO_BLK_F_FLUSH",
            "VIRTIO_RING_F_INDIRECT_DESC",
            "VIRTIO_RING_F_EVENT_IDX",
            "VIRTIO_F_VERSION_1",
            "VIRTIO_F_ACCESS_PLATFORM",
            "VIRTIO_F_RING_PACKED",
            "VIRTIO_F_IN_ORDER",
            "VIRTIO_F_ORDER_PLATFORM",
            "VIRTIO_F_SR_IOV",
            "VIRTIO_CONFIG_S_ACKNOWLEDGE",
            "VIRTIO_CONFIG_S_DRIVER",
            "VIRTIO_CONFIG_S_DRIVER_OK",
            "VIRTIO_CONFIG_S_FEATURES_OK",
            "VIRTIO_CONFIG_S_NEEDS_RESET",
            "VIRTIO_CONFIG_S_FAILED");

    private static LinuxHeaders linux;

    @TempDir
    Path folder;

    @BeforeAll
    static void compile(@TempDir Path scratch) throws Exception {
        linux = LinuxHeaders.evaluate(scratch, EXPRESSIONS);
    }

    private static String common(String field) {
        return "offsetof(struct virtio_pci_common_cfg, " + field + ")";
    }

    private static String config(String field) {
        return "offsetof(struct virtio_blk_config, " + field + ")";
    }

    private static String desc(String field) {
        return "offsetof(struct vring_desc, " + field + ")";
    }

    @Test
    void numbersThatBothSidesPublishAreLinuxs() {
        assertEquals(linux.number("VIRTIO_ID_BLOCK"), BlkFeatures.TYPE.id());
        assertEquals(linux.number("VIRTIO_ID_RNG"), dev.postern.virtio.rng.RngDevice.TYPE.id());
        assertEquals(linux.number("VIRTIO_BLK_F_SIZE_MAX"), BlkFeatures.SIZE_MAX);
        assertEquals(linux.number("VIRTIO_BLK_F_SEG_MAX"), BlkFeatures.SEG_MAX);
        assertEquals(linux.number("VIRTIO_BLK_F_RO"), BlkFeatures.RO);
        assertEquals(linux.number("VIRTIO_BLK_F_BLK_SIZE"), BlkFeatures.BLK_SIZE);
        assertEquals(linux.number("VIRTIO_BLK_F_FLUSH"), BlkFeatures.FLUSH);
        assertEquals(linux.number("VIRTIO_RING_F_INDIRECT_DESC"), ReservedFeatures.INDIRECT_DESC);
        assertEquals(linux.number("VIRTIO_RING_F_EVENT_IDX"), ReservedFeatures.EVENT_IDX);
        assertEquals(linux.number("VIRTIO_F_VERSION_1"), ReservedFeatures.VERSION_1);
        assertEquals(linux.number("VIRTIO_F_ACCESS_PLATFORM"), ReservedFeatures.ACCESS_PLATFORM);
        assertEquals(linux.number("VIRTIO_F_RING_PACKED"), ReservedFeatures.RING_PACKED);
        assertEquals(linux.number("VIRTIO_F_IN_ORDER"), ReservedFeatures.IN_ORDER);
        assertEquals(linux.number("VIRTIO_F_ORDER_PLATFORM"), ReservedFeatures.ORDER_PLATFORM);
        assertEquals(linux.number("VIRTIO_F_SR_IOV"), ReservedFeatures.SR_IOV);
        assertEquals(linux.number("VIRTIO_CONFIG_S_ACKNOWLEDGE"), DeviceStatus.ACKNOWLEDGE);
        assertEquals(linux.number("VIRTIO_CONFIG_S_DRIVER"), DeviceStatus.DRIVER);
        assertEquals(linux.number("VIRTIO_CONFIG_S_DRIVER_OK"), DeviceStatus.DRIVER_OK);
        assertEquals(linux.number("VIRTIO_CONFIG_S_FEATURES_OK"), DeviceStatus.FEATURES_OK);
        assertEquals(linux.number("VIRTIO_CONFIG_S_NEEDS_RESET"), DeviceStatus.NEEDS_RESET);
        assertEquals(linux.number("VIRTIO_CONFIG_S_FAILED"), DeviceStatus.FAILED);
        for (AdjustableFeature feature : AdjustableFeature.values()) {
            switch (feature) {
                case INDIRECT_DESC -> assertEquals(linux.number("VIRTIO_RING_F_INDIRECT_DESC"), feature.bit());
                case EVENT_IDX -> assertEquals(linux.number("VIRTIO_RING_F_EVENT_IDX"), feature.bit());
                case ACCESS_PLATFORM -> assertEquals(linux.number("VIRTIO_F_ACCESS_PLATFORM"), feature.bit());
                // RING_RESET is newer than the headers of some hosts.
                case RING_RESET -> assertEquals(40, feature.bit());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.MachineKind#withPci")
    void theRegistersOfALiveDiskAreWhereLinuxLooksForThem(MachineKind kind) throws Exception {
        Path image = Images.random(folder, "image", 77 * Images.SECTOR);
        Setting setting = new Setting(kind, InterruptMode.MSIX, ContextKind.AUDITED);
        try (Trial trial = Trial.boot(setting, new LabDevice.Disk("d0", image, READ_WRITE))) {
            RawVirtio raw = RawVirtio.of(trial).getFirst();
            RegisterSpace registers = raw.registers();
            long common = structure(raw, "VIRTIO_PCI_CAP_COMMON_CFG");
            DeviceReport report = trial.guest().devices().getFirst();
            assertEquals(
                    linux.number("VIRTIO_CONFIG_S_ACKNOWLEDGE")
                            | linux.number("VIRTIO_CONFIG_S_DRIVER")
                            | linux.number("VIRTIO_CONFIG_S_FEATURES_OK")
                            | linux.number("VIRTIO_CONFIG_S_DRIVER_OK"),
                    registers.read8(common + linux.value(common("device_status"))));
            assertTrue(registers.read16(common + linux.value(common("num_queues"))) >= 1);
            for (int page = 0; page < 2; page++) {
                registers.write32(common + linux.value(common("device_feature_select")), page);
                registers.write32(common + linux.value(common("guest_feature_select")), page);
                assertEquals(
                        report.offered().page(page),
                        registers.read32(common + linux.value(common("device_feature"))),
                        "offered, page " + page);
                assertEquals(
                        report.accepted().page(page),
                        registers.read32(common + linux.value(common("guest_feature"))),
                        "accepted, page " + page);
            }
            registers.write16(common + linux.value(common("queue_select")), 0);
            assertEquals(1, registers.read16(common + linux.value(common("queue_enable"))));
            assertEquals(256, registers.read16(common + linux.value(common("queue_size"))));
            assertEquals(0, registers.read16(common + linux.value(common("msix_config"))));
            assertEquals(1, registers.read16(common + linux.value(common("queue_msix_vector"))));
            long config = structure(raw, "VIRTIO_PCI_CAP_DEVICE_CFG");
            assertEquals(77, registers.read32(config + linux.value(config("capacity"))));
            assertEquals(0, registers.read32(config + linux.value(config("capacity")) + 4));
            assertEquals(512, registers.read32(config + linux.value(config("blk_size"))));
            assertTrue(registers.read32(config + linux.value(config("seg_max"))) > 1);
            assertEquals(77, trial.disk(0).configuration().capacitySectors());
            assertEquals(512, trial.disk(0).configuration().blockSize());
            structure(raw, "VIRTIO_PCI_CAP_NOTIFY_CFG");
            structure(raw, "VIRTIO_PCI_CAP_ISR_CFG");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.MachineKind#withPci")
    void aRequestLiesInMemoryAsLinuxWouldLayItOut(MachineKind kind) throws Exception {
        Path image = Images.random(folder, "image", 77 * Images.SECTOR);
        // A polled queue of direct chains shows the most: its descriptors are in the ring, and it suppresses interrupts
        // by its flag.
        Setting setting = new Setting(kind, InterruptMode.POLLED, ContextKind.AUDITED);
        try (Trial trial = Trial.boot(
                setting,
                new LabDevice.Disk("d0", image, READ_WRITE)
                        .withholding(AdjustableFeature.INDIRECT_DESC)
                        .withholding(AdjustableFeature.EVENT_IDX))) {
            BlkDevice disk = trial.disk(0);
            PhysRange buffer = trial.buffer(Images.SECTOR);
            disk.read(42, buffer.basePa(), Images.SECTOR);
            RawVirtio raw = RawVirtio.of(trial).getFirst();
            long common = structure(raw, "VIRTIO_PCI_CAP_COMMON_CFG");
            raw.registers().write16(common + linux.value(common("queue_select")), 0);
            MemorySegment available = area(trial, raw, "queue_avail_lo", 16);
            MemorySegment used = area(trial, raw, "queue_used_lo", 16);
            MemorySegment table = area(trial, raw, "queue_desc_lo", 256 * linux.value("sizeof(struct vring_desc)"));
            assertEquals(linux.number("VRING_AVAIL_F_NO_INTERRUPT"), available.get(U16, 0));
            assertEquals(1, available.get(U16, linux.value("offsetof(struct vring_avail, idx)")));
            assertEquals(1, used.get(U16, linux.value("offsetof(struct vring_used, idx)")));
            int head = available.get(U16, linux.value("offsetof(struct vring_avail, ring)"));
            long element = linux.value("offsetof(struct vring_used, ring)");
            assertEquals(8, linux.value("sizeof(struct vring_used_elem)"));
            assertEquals(head, used.get(U32, element + linux.value("offsetof(struct vring_used_elem, id)")));
            assertEquals(
                    Images.SECTOR + 1, used.get(U32, element + linux.value("offsetof(struct vring_used_elem, len)")));

            long header = head * linux.value("sizeof(struct vring_desc)");
            assertEquals(linux.number("sizeof(struct virtio_blk_outhdr)"), table.get(U32, header + at("len")));
            assertEquals(linux.number("VRING_DESC_F_NEXT"), table.get(U16, header + at("flags")));
            MemorySegment request = trial.guest()
                    .frames()
                    .memory()
                    .slice(table.get(U64, header + at("addr")), linux.value("sizeof(struct virtio_blk_outhdr)"));
            assertEquals(
                    linux.number("VIRTIO_BLK_T_IN"),
                    request.get(U32, linux.value("offsetof(struct virtio_blk_outhdr, type)")));
            assertEquals(42, request.get(U64, linux.value("offsetof(struct virtio_blk_outhdr, sector)")));

            long data = table.get(U16, header + at("next")) * linux.value("sizeof(struct vring_desc)");
            assertEquals(buffer.basePa(), table.get(U64, data + at("addr")));
            assertEquals(Images.SECTOR, table.get(U32, data + at("len")));
            assertEquals(
                    linux.number("VRING_DESC_F_NEXT") | linux.number("VRING_DESC_F_WRITE"),
                    table.get(U16, data + at("flags")));

            long status = table.get(U16, data + at("next")) * linux.value("sizeof(struct vring_desc)");
            assertEquals(1, table.get(U32, status + at("len")));
            assertEquals(linux.number("VRING_DESC_F_WRITE"), table.get(U16, status + at("flags")));
            byte answer = trial.guest()
                    .frames()
                    .memory()
                    .slice(table.get(U64, status + at("addr")), 1)
                    .get(ValueLayout.JAVA_BYTE, 0);
            assertEquals(linux.number("VIRTIO_BLK_S_OK"), answer);
            trial.giveBack(buffer);
        }
    }

    private static long at(String field) {
        return linux.value(desc(field));
    }

    /** A part of queue 0, where its registers say it is; an address under the direct plan is a physical one. */
    private static MemorySegment area(Trial trial, RawVirtio raw, String register, long bytes) {
        long at = structure(raw, "VIRTIO_PCI_CAP_COMMON_CFG") + linux.value(common(register));
        long pa = Integer.toUnsignedLong(raw.registers().read32(at))
                | (long) raw.registers().read32(at + 4) << 32;
        return trial.guest().frames().memory().slice(pa, bytes);
    }

    private static long structure(RawVirtio raw, String type) {
        return raw.structure(new RawVirtio.CapabilityLayout(
                linux.number(type),
                linux.number("offsetof(struct virtio_pci_cap, cfg_type)"),
                linux.number("offsetof(struct virtio_pci_cap, bar)"),
                linux.number("offsetof(struct virtio_pci_cap, offset)")));
    }
}
