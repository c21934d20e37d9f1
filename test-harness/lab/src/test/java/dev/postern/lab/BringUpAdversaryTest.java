package dev.postern.lab;

import static dev.postern.lab.Misbehaving.SECTOR;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.BootException;
import dev.postern.boot.DeviceReport;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.BadChecksum;
import dev.postern.emulated.mischief.CapabilityOutsideBar;
import dev.postern.emulated.mischief.CyclicCapabilities;
import dev.postern.emulated.mischief.FirmwareMischief;
import dev.postern.emulated.mischief.HugeBar;
import dev.postern.emulated.mischief.RefuseFeaturesOk;
import dev.postern.emulated.mischief.TruncatedTable;
import dev.postern.emulated.mischief.ZeroLengthEntry;
import dev.postern.memory.PhysRange;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A device or firmware that is wrong before it is ever used: the others come up, or one line says why not. */
@OnEmulated
class BringUpAdversaryTest {

    @Parameter
    Setting setting;

    static Stream<FirmwareMischief> badTables() {
        return Stream.of(
                new BadChecksum("RSD PTR"),
                new BadChecksum("XSDT"),
                new BadChecksum("MCFG"),
                new TruncatedTable("XSDT"),
                new TruncatedTable("MCFG"),
                new TruncatedTable("APIC"),
                new ZeroLengthEntry());
    }

    @Test
    @Clause({"content:535", "content:553", "content:156"})
    void aDeviceThatTakesFeaturesOkBackIsNotDriven() throws Exception {
        try (Trial trial = Misbehaving.disk(setting, new RefuseFeaturesOk())) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertEquals(DeviceReport.Result.REFUSED, report.outcome(), report.why());
            assertFalse(report.why().contains("\n"), report.why());
            assertFalse(RawVirtio.of(trial).getFirst().function().busMastering());
            // ACKNOWLEDGE and DRIVER stay set, the device took FEATURES_OK back, FAILED comes.
            assertTrue(
                    ((LabMachine.Emulated) trial.machine())
                            .machine().trace().stream()
                                    .anyMatch(event -> event.device().equals("d0")
                                            && event.what().contains("0x83")),
                    "FAILED was not set");
            assertOtherDiskWorks(trial);
        }
    }

    @Test
    void aCapabilityThatPointsOutsideItsBarIsNotFollowed() throws Exception {
        try (Trial trial = Misbehaving.disk(setting, new CapabilityOutsideBar())) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertEquals(DeviceReport.Result.REFUSED, report.outcome(), report.why());
            assertTrue(report.why().contains("outside BAR"), report.why());
            assertOtherDiskWorks(trial);
        }
    }

    @Test
    void aCapabilityListWithoutEndIsWalkedOnce() throws Exception {
        try (Trial trial = Misbehaving.disk(setting, new CyclicCapabilities())) {
            assertEquals(
                    DeviceReport.Result.DRIVEN,
                    trial.guest().devices().getFirst().outcome());
            assertFalse(trial.guest().bus().orElseThrow().warnings().isEmpty());
            assertOtherDiskWorks(trial);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 20, 1L << 40, 1L << 62})
    @Clause("transport-pci:279")
    void aHugeBarKeepsAtMostItsOwnDeviceFromWorking(long bytes) throws Exception {
        try (Trial trial = Misbehaving.disk(setting, new HugeBar(bytes))) {
            DeviceReport report = trial.guest().devices().getFirst();
            if (report.outcome() != DeviceReport.Result.DRIVEN) {
                assertFalse(report.why().contains("\n"), report.why());
            }
            assertDiskWorks(trial, trial.guest().disks().size() - 1);
        }
    }

    @Test
    void aQueueTooSmallForOneRequestIsRefusedWithTheRemedy() throws Exception {
        try (Trial trial = Misbehaving.disk(setting, VirtioOptions.DEFAULTS.queueSize(2))) {
            DeviceReport report = trial.guest().devices().getFirst();
            assertEquals(DeviceReport.Result.REFUSED, report.outcome(), report.why());
            assertTrue(report.why().contains("give the device a queue of at least 4"), report.why());
            assertOtherDiskWorks(trial);
        }
    }

    @ParameterizedTest
    @MethodSource("badTables")
    void badFirmwareTablesEndInOneLineOrInAGuestThatWorks(FirmwareMischief act) throws Exception {
        EmulatedMachine machine = EmulatedMachine.builder()
                .device(dev.postern.emulated.SeededDisk.of(SECTOR, 1))
                .mischief(act)
                .build();
        try (Trial trial = Trial.boot(setting, new LabMachine.Emulated(machine))) {
            assertDiskWorks(trial, 0);
        } catch (BootException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
    }

    private static void assertOtherDiskWorks(Trial trial) throws Exception {
        assertDiskWorks(trial, trial.guest().disks().size() - 1);
    }

    private static void assertDiskWorks(Trial trial, int disk) throws Exception {
        PhysRange buffer = trial.buffer(SECTOR);
        trial.disk(disk).read(0, buffer.basePa(), SECTOR);
        trial.giveBack(buffer);
    }
}
