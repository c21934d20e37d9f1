package dev.postern.boot;

import dev.postern.firmware.acpi.AcpiException;
import dev.postern.firmware.acpi.AcpiTables;
import dev.postern.firmware.fwcfg.FwCfg;
import dev.postern.firmware.fwcfg.FwCfgException;
import dev.postern.firmware.fwcfg.LoadedTables;
import dev.postern.firmware.fwcfg.TableLoader;
import dev.postern.machine.Machine;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.SharedPurpose;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the firmware tables, whether firmware left them in memory or, where none ran, the guest loads them itself.
 *
 * @param source where they were found, in words
 * @param acpi what they say
 */
record FirmwareTables(String source, Optional<AcpiTables> acpi) {

    /**
     * The tables that firmware left in memory, where the boot protocol points at them.
     *
     * @throws AcpiException when the tables there are malformed
     */
    static Optional<FirmwareTables> handedOver(Machine machine, PhysicalMemory memory) {
        OptionalLong root = machine.acpiRootPa();
        return root.isEmpty()
                ? Optional.empty()
                : Optional.of(new FirmwareTables(
                        "ACPI, root pointer at 0x%x".formatted(root.getAsLong()),
                        Optional.of(AcpiTables.read(memory, root.getAsLong()))));
    }

    /**
     * The tables that firmware would have loaded, had one run: the guest takes them from the firmware configuration device. PCI
     * configuration space must be enabled before, since the tables describe it.
     *
     * @throws FwCfgException when the device's script is malformed
     * @throws AcpiException when the tables are malformed
     */
    static FirmwareTables load(Machine machine, GuestMemory memory) {
        Optional<LoadedTables> loaded = FwCfg.detect(machine, memory.devicePages(SharedPurpose.FIRMWARE))
                .flatMap(device -> TableLoader.load(device, memory.tableFrames()));
        return loaded.map(tables -> new FirmwareTables(
                        "ACPI, from fw_cfg",
                        Optional.of(AcpiTables.read(memory.frames().memory(), tables.rsdpPa()))))
                .orElseGet(() -> new FirmwareTables("no firmware tables", Optional.empty()));
    }
}
