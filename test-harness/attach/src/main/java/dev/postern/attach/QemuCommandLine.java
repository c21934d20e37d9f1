package dev.postern.attach;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The arguments that make QEMU this machine and no other: no defaults, no configuration file of the user. */
final class QemuCommandLine {

    private static final int EIO = 5;

    private final List<String> words = new ArrayList<>();
    private int chassis;

    /**
     * Begins with the machine itself.
     *
     * @param program QEMU
     * @param layout its RAM
     * @param ram where QEMU can open the file behind RAM
     * @param firmware where QEMU can open the firmware
     */
    QemuCommandLine(Path program, RamLayout layout, Path ram, Path firmware) {
        // The timer (PIT) would tick 18 times a second on an interrupt line that nobody serves, and fill the socket of
        // a guest that does not look.
        add(program.toString(), "-nodefaults", "-no-user-config", "-display", "none");
        add("-machine", "q35,pit=off,memory-backend=mem,max-ram-below-4g=" + layout.lowBytes());
        // A CPU that sleeps needs no gibibyte for translated code, and what is not there needs not be searched.
        add("-accel", "tcg,tb-size=16");
        add("-m", layout.bytes() / RamLayout.MIB + "M");
        add("-object", "memory-backend-file,id=mem,share=on,size=%d,mem-path=%s".formatted(layout.bytes(), ram));
        add("-bios", firmware.toString());
    }

    /** Adds the sockets that QEMU connects to. */
    void sockets(Path qtest, Path qmp) {
        add("-qtest", "unix:" + escapeCommas(qtest), "-qtest-log", "none", "-qmp", "unix:" + escapeCommas(qmp));
    }

    /** Adds a device and what it needs. */
    void device(BusPlan.Placed placed) {
        switch (placed.device()) {
            case QemuDevice.Disk disk -> {
                addFile(disk);
                add(
                        "-device",
                        "virtio-blk-pci,drive=%s,%s,disable-legacy=on,rerror=report,werror=report%s%s"
                                .formatted(
                                        disk.id(),
                                        place(placed),
                                        disk.features().asProperties(),
                                        disk.settings().asProperties()));
            }
            case QemuDevice.Rng rng -> {
                add("-object", "rng-builtin,id=" + rng.id() + "-source");
                add(
                        "-device",
                        "virtio-rng-pci,rng=%s-source,%s,disable-legacy=on%s"
                                .formatted(
                                        rng.id(), place(placed), rng.features().asProperties()));
            }
            case QemuDevice.RootPort _ -> {
                chassis++;
                add("-device", "pcie-root-port,%s,chassis=%d,slot=%d".formatted(place(placed), chassis, chassis));
            }
            case QemuDevice.PciBridge _ -> {
                chassis++;
                add("-device", "pci-bridge,%s,chassis_nr=%d".formatted(place(placed), chassis));
            }
        }
    }

    /** Adds words as they are. */
    void words(List<String> more) {
        words.addAll(more);
    }

    List<String> asList() {
        return List.copyOf(words);
    }

    private void add(String... more) {
        words.addAll(List.of(more));
    }

    /** A slot is a hexadecimal number to QEMU. */
    private static String place(BusPlan.Placed placed) {
        QemuDevice device = placed.device();
        return "id=%s,bus=%s,addr=%x".formatted(device.id(), device.bus(), placed.slot());
    }

    /**
     * Two nodes, the file and the raw format over it, and where operations are to fail a third over both. The host's page cache is
     * used, a flush of the guest is a flush of the file, and a discard of the guest gives the file's space back.
     */
    private void addFile(QemuDevice.Disk disk) {
        boolean readOnly = disk.access() == DiskAccess.READ_ONLY;
        String fileNode = disk.id() + "-file";
        Map<String, Boolean> cache = Map.of("direct", false, "no-flush", false);
        boolean failing = !disk.settings().failures().isEmpty();
        String rawNode = failing ? disk.id() + "-raw" : disk.id();
        add(
                "-blockdev",
                QemuJson.of(Map.of(
                        "driver",
                        "file",
                        "node-name",
                        fileNode,
                        "filename",
                        disk.file().toAbsolutePath().toString(),
                        "read-only",
                        readOnly,
                        "discard",
                        "unmap",
                        "cache",
                        cache)));
        add(
                "-blockdev",
                QemuJson.of(Map.of(
                        "driver", "raw",
                        "node-name", rawNode,
                        "file", fileNode,
                        "read-only", readOnly,
                        "discard", "unmap",
                        "cache", cache)));
        if (failing) {
            add(
                    "-blockdev",
                    QemuJson.of(Map.of(
                            "driver",
                            "blkdebug",
                            "node-name",
                            disk.id(),
                            "image",
                            rawNode,
                            "read-only",
                            readOnly,
                            "discard",
                            "unmap",
                            "cache",
                            cache,
                            "inject-error",
                            failures(disk.settings()))));
        }
    }

    /** Rules that hold from the start: an operation that touches the sector fails with EIO, every time. */
    private static List<Map<String, Object>> failures(DiskSettings settings) {
        List<Map<String, Object>> rules = new ArrayList<>();
        settings.failures().forEach((operation, sector) -> {
            Map<String, Object> rule =
                    new TreeMap<>(Map.of("event", "none", "iotype", operation.ioType(), "errno", EIO));
            if (operation != DiskOperation.FLUSH) {
                rule.put("sector", sector);
            }
            rules.add(rule);
        });
        return rules;
    }

    /** In QEMU's own option syntax a comma ends the value unless it is doubled. */
    private static String escapeCommas(Path path) {
        return path.toString().replace(",", ",,");
    }
}
