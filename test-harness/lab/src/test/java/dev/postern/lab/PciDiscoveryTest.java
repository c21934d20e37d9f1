package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.DeviceReport;
import dev.postern.bus.pci.PciFunction;
import dev.postern.emulated.DiskOptions;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.Rng;
import dev.postern.emulated.SeededDisk;
import dev.postern.virtio.InterruptMode;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that show themselves otherwise on the bus than those here do: their configuration space is overlaid. */
@Timeout(120)
class PciDiscoveryTest {

    private static final Setting SETTING = new Setting(MachineKind.EMULATED, InterruptMode.MSIX, ContextKind.AUDITED);

    // PCI Local Bus Specification 3.0, chapter 6: the header of a function.
    private static final int DEVICE_ID = 0x02;
    private static final int REVISION = 0x08;
    private static final int SUBSYSTEM_ID = 0x2e;
    private static final int MSIX = 0x11;
    private static final int MSIX_CONTROL = 2;

    // The virtio specification, "Virtio Structure PCI Capabilities" and "Common configuration structure layout".
    private static final int CAP_LEN = 2;
    private static final int COMMON = 1;
    private static final int CONFIG_MSIX_VECTOR = 16;
    private static final int QUEUE_MSIX_VECTOR = 26;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 0x7f, 0xff})
    @Clause("transport-pci:83")
    void anyRevisionIsDriven(int revision) throws Exception {
        assertServed(disk -> disk.put(REVISION, revision));
    }

    @Test
    @Clause("transport-pci:78")
    void aDiskWithATransitionalIdIsDriven() throws Exception {
        assertServed(
                disk -> disk.put(DEVICE_ID, 0x01, 0x10).put(SUBSYSTEM_ID, 2, 0).put(REVISION, 0));
    }

    @Test
    @Clause("transport-pci:78")
    void anEntropyDeviceWithATransitionalIdIsDriven() throws Exception {
        EmulatedMachine machine =
                EmulatedMachine.builder().seed(Seed.value()).device(Rng.of()).build();
        OverlaidFunction function = new OverlaidFunction(machine.registers())
                .put(DEVICE_ID, 0x05, 0x10)
                .put(SUBSYSTEM_ID, 4, 0)
                .put(REVISION, 0);
        try (Trial trial = on(machine, function.registers())) {
            byte[] bytes = new byte[64];
            trial.guest().rngs().getFirst().fill(bytes);
            assertFalse(Arrays.equals(new byte[64], bytes));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 6, 7, 10, 0x55, 0xff})
    @Clause("transport-pci:267")
    void aCapabilityOfAReservedTypeIsPassedOver(int type) throws Exception {
        assertServed(disk -> disk.capabilityInFront(type, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 0x80, 0xff})
    @Clause("transport-pci:275")
    void aCapabilityInAReservedBarIsPassedOver(int bar) throws Exception {
        assertServed(disk -> disk.capabilityInFront(COMMON, bar));
    }

    @ParameterizedTest
    @ValueSource(ints = {21, 24, 64, 0xff})
    @Clause("transport-pci:273")
    void aLongerCapabilityIsAccepted(int length) throws Exception {
        assertServed(disk -> {
            for (int at : disk.capabilities(OverlaidFunction.VENDOR_SPECIFIC)) {
                disk.put(at + CAP_LEN, length);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Clause("transport-pci:1019")
    void aTableOfFewVectorsIsEnough(int vectors) throws Exception {
        assertServed(disk -> disk.put(disk.capabilities(MSIX).getFirst() + MSIX_CONTROL, vectors - 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 16})
    @Clause("transport-pci:1019")
    void aTableOfManyVectorsIsNoTrouble(int queues) throws Exception {
        try (Trial trial = Trial.boot(
                SETTING,
                new LabMachine.Emulated(EmulatedMachine.builder()
                        .seed(Seed.value())
                        .device(disk().options(DiskOptions.DEFAULTS.queues(queues)))
                        .build()))) {
            PciFunction function = RawVirtio.of(trial).getFirst().function();
            assertEquals(queues + 1, function.msix().orElseThrow().vectors());
            assertReads(trial);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {CONFIG_MSIX_VECTOR, QUEUE_MSIX_VECTOR})
    @Clause("transport-pci:1031")
    void aVectorThatTheDeviceDidNotTakeIsNoticed(int field) throws Exception {
        long common;
        try (Trial trial = Misbehaving.disk(SETTING)) {
            common = RawVirtio.of(trial).getFirst().common();
        }
        EmulatedMachine machine = EmulatedMachine.builder()
                .seed(Seed.value())
                .device(disk())
                .device(disk().id("d1").ro())
                .build();
        OverlaidRegisters overlaid = new OverlaidRegisters(machine.registers()).put(common + field, 0xff, 0xff);
        try (Trial trial = on(machine, overlaid)) {
            DeviceReport refused = trial.guest().devices().getFirst();
            assertEquals(DeviceReport.Result.REFUSED, refused.outcome(), refused.why());
            assertTrue(refused.why().contains("polled"), refused.why());
            assertReads(trial);
        }
    }

    private static void assertServed(Consumer<OverlaidFunction> change) throws Exception {
        EmulatedMachine machine =
                EmulatedMachine.builder().seed(Seed.value()).device(disk()).build();
        OverlaidFunction function = new OverlaidFunction(machine.registers());
        change.accept(function);
        try (Trial trial = on(machine, function.registers())) {
            assertReads(trial);
        }
    }

    private static Trial on(EmulatedMachine machine, OverlaidRegisters overlaid) throws Exception {
        return Trial.boot(
                SETTING,
                new LabMachine.Overlaid(
                        new LabMachine.Emulated(machine), OverlaidMachine.registers(machine, inside -> overlaid)));
    }

    private static SeededDisk disk() {
        return SeededDisk.of(Misbehaving.SECTORS * Misbehaving.SECTOR, Misbehaving.CONTENT)
                .id("d0");
    }

    private static void assertReads(Trial trial) throws Exception {
        List<DeviceReport> devices = trial.guest().devices();
        assertFalse(trial.guest().disks().isEmpty(), () -> devices.getFirst().why());
        assertArrayEquals(Misbehaving.content(SETTING), Misbehaving.read(trial, 0, Misbehaving.SECTORS));
    }
}
