package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.attach.DiskProperty;
import dev.postern.attach.FeatureAdjustments;
import dev.postern.attach.QemuDevice;
import dev.postern.emulated.BlockSizes;
import dev.postern.emulated.CacheMode;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.FileDisk;
import dev.postern.emulated.Rng;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.WriteCache;
import dev.postern.emulated.ZoneModel;
import dev.postern.emulated.mischief.FailOperation;
import dev.postern.lab.spec.DeviceSpecs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One text, said in the words of each machine. No machine is made. */
class DeviceWordsTest {

    private static LabDevice device(String spec) {
        return DeviceSpecs.parse(List.of(spec)).getFirst();
    }

    @Test
    void whatBothMachinesCanDoReachesBoth() {
        LabDevice device =
                device("blk,file=x,queues=4,queue-size=16,block-size=4096,discard=on,write-zeroes=off,config-wce=on,"
                        + "serial=S1,write-cache=off,seg-max-adjust=on,max-discard-sectors=100,fail-read=7,"
                        + "features=+packed+ring_reset-event_idx");
        QemuDevice.Disk qemu = assertInstanceOf(QemuDevice.Disk.class, QemuDevices.device(device));
        assertEquals(
                FeatureAdjustments.parse("+packed+ring_reset-event_idx+discard-write_zeroes+config_wce"),
                qemu.features());
        assertEquals(
                Map.of(
                        DiskProperty.QUEUES, 4L,
                        DiskProperty.QUEUE_SIZE, 16L,
                        DiskProperty.BLOCK_SIZE, 4096L,
                        DiskProperty.PHYSICAL_BLOCK_SIZE, 4096L,
                        DiskProperty.DISCARD_SECTORS, 100L),
                qemu.settings().numbers());
        assertEquals("S1", qemu.settings().serial().orElseThrow());
        assertEquals(
                Map.of(dev.postern.attach.DiskOperation.READ, 7L),
                qemu.settings().failures());
        assertEquals(
                dev.postern.attach.WriteCache.WRITETHROUGH,
                qemu.settings().writeCache().orElseThrow());

        FileDisk emulated = assertInstanceOf(FileDisk.class, EmulatedDevices.spec(device));
        assertEquals(Set.of(34, 40, 13, 11), emulated.virtio().extra());
        assertEquals(Set.of(29), emulated.virtio().withheld());
        assertEquals(16, emulated.virtio().queueSize());
        assertEquals(
                List.of(new FailOperation(dev.postern.emulated.mischief.DiskOperation.READ, 7, 1)),
                emulated.virtio().mischief());
        assertEquals(4, emulated.options().queues());
        assertEquals(BlockSizes.of(4096), emulated.options().blocks());
        assertEquals(CacheMode.WRITETHROUGH, emulated.options().firstMode());
        assertEquals(14, emulated.options().segMax());
        assertEquals(100, emulated.options().discard().maxSectors());
        assertEquals("S1", emulated.options().serial().orElseThrow());
    }

    @Test
    void whatIsNotSaidIsAsEachMachineHasIt() {
        LabDevice device = device("blk,file=x");
        FileDisk emulated = assertInstanceOf(FileDisk.class, EmulatedDevices.spec(device));
        assertEquals(DiskOptions.DEFAULTS, emulated.options());
        assertEquals(VirtioOptions.DEFAULTS, emulated.virtio());
        QemuDevice.Disk qemu = assertInstanceOf(QemuDevice.Disk.class, QemuDevices.device(device));
        assertEquals(dev.postern.attach.DiskSettings.none(), qemu.settings());
        assertEquals(FeatureAdjustments.none(), qemu.features());
    }

    @Test
    void theEmulatedMachineHasWordsOfItsOwn() {
        FileDisk disk = (FileDisk) EmulatedDevices.spec(
                device("blk,file=x,cache=volatile,zones=host-managed,seg-max=3,size-max=4096,max-discard-segments=8,"
                        + "secure-erase=on,features=+zoned+size_max+lifetime-flush"));
        assertEquals(WriteCache.VOLATILE, disk.options().cache());
        assertEquals(ZoneModel.HOST_MANAGED, disk.options().zones());
        assertEquals(3, disk.options().segMax());
        assertEquals(4096, disk.options().sizeMax());
        assertEquals(8, disk.options().discard().maxSegments());
        assertEquals(Set.of(1, 15, 16, 17), disk.virtio().extra());
        assertEquals(Set.of(9), disk.virtio().withheld());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "blk,size=4M | no disks in memory: give it an image with file=FILE",
                "blk,file=x,seg-max=8 | seg-max-adjust=on",
                "blk,file=x,size-max=4096 | size-max: QEMU's disks have no such setting: leave it out",
                "blk,file=x,max-discard-segments=2 | no such setting: leave it out",
                "blk,file=x,cache=volatile | cache=volatile: QEMU's disks cannot be so: leave it out",
                "blk,file=x,zones=host-aware | zones=host-aware: QEMU's disks cannot be so",
                "blk,file=x,may-unmap=off | may-unmap=off: QEMU's disks cannot be so",
                "blk,file=x,secure-erase=on | 'secure_erase': QEMU's devices cannot offer it",
                "blk,file=x,features=+in_order | 'in_order': QEMU's devices cannot offer it",
                "blk,file=x,features=-flush | 'flush': QEMU's devices cannot withhold it",
                "rng,queue-size=16 | the queue of QEMU's entropy device has 8 descriptors: leave it out",
                "rng,features=+notification_data | QEMU's devices cannot offer it"
            })
    void whatQemuCannotDoIsSaidInOneLine(String spec, String part) {
        dev.postern.attach.MachineConfigurationException refused = assertThrows(
                dev.postern.attach.MachineConfigurationException.class, () -> QemuDevices.device(device(spec)));
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
    }

    @ParameterizedTest
    @EnumSource(AdjustableFeature.class)
    void anEntropyDeviceIsToldEveryFeatureOnBothMachines(AdjustableFeature feature) {
        LabDevice without = device("rng,queue-size=8,features=-" + feature.label());
        Rng emulated = assertInstanceOf(Rng.class, EmulatedDevices.spec(without));
        assertEquals(8, emulated.virtio().queueSize());
        boolean unasked = feature == AdjustableFeature.EVENT_IDX || feature == AdjustableFeature.INDIRECT_DESC;
        assertEquals(
                unasked ? Set.of(feature.bit()) : Set.of(), emulated.virtio().withheld());
        assertInstanceOf(QemuDevice.Rng.class, QemuDevices.device(without));
        Rng with = (Rng) EmulatedDevices.spec(device("rng,features=+" + feature.label()));
        assertEquals(unasked ? Set.of() : Set.of(feature.bit()), with.virtio().extra());
    }
}
