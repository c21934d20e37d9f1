package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import dev.postern.boot.Boot;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.firmware.acpi.Madt;
import dev.postern.firmware.acpi.Mcfg;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What firmware says about a machine, against what the machine is: on QEMU the tables are QEMU's own. */
@Timeout(120)
class FirmwareTest {

    private static final long ECAM = 0xb000_0000L;
    private static final long IO_APIC = 0xfec0_0000L;

    private static AcpiTables tables(MachineKind kind) throws Exception {
        Peers.require(kind);
        List<BootEvent> events = new ArrayList<>();
        try (LabMachine machine = LabMachine.open(kind, List.of(new LabDevice.Rng("r0")));
                BootedGuest guest = Boot.start(machine.machine(), BootOptions.defaults(), events::add)) {
            assertEquals(1, guest.rngs().size());
        }
        for (BootEvent event : events) {
            if (event instanceof BootEvent.FirmwareRead read) {
                return read.tables().orElseThrow(() -> new AssertionError("no tables: " + read.source()));
            }
        }
        throw new AssertionError("firmware was not read");
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.MachineKind#withPci")
    void theTablesOfAMachineSayWhereItsConfigurationSpaceIs(MachineKind kind) throws Exception {
        Mcfg mcfg = tables(kind).mcfg().orElseThrow();
        assertEquals(List.of(new Mcfg.Segment(ECAM, 0, 0, 255)), mcfg.segments());
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.MachineKind#withPci")
    void theTablesOfAMachineNameItsInterruptController(MachineKind kind) throws Exception {
        Madt madt = tables(kind).madt().orElseThrow();
        assertTrue(
                madt.ioApics().stream().anyMatch(apic -> apic.pa() == IO_APIC && apic.gsiBase() == 0),
                madt.ioApics().toString());
        assertFalse(madt.localApics().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("dev.postern.lab.MachineKind#withPci")
    void everyTableThatAnOperatingSystemNeedsIsThere(MachineKind kind) throws Exception {
        AcpiTables tables = tables(kind);
        for (String signature : new String[] {"FACP", "APIC", "MCFG"}) {
            assertTrue(tables.table(signature).isPresent(), signature + " in " + tables.tables());
        }
    }
}
