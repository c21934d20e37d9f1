package dev.postern.attach;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.ChildProcess;
import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Says what a QEMU machine is to be, and starts it. Used by one thread. */
public final class QemuQ35Builder {

    private static final Duration START = Duration.ofSeconds(30);

    private long ramBytes = 128 * RamLayout.MIB;
    private OptionalLong lowRamBytes = OptionalLong.empty();
    private final List<QemuDevice> devices = new ArrayList<>();
    private final List<String> extraWords = new ArrayList<>();

    QemuQ35Builder() {}

    /**
     * Sets the size of RAM.
     *
     * @param bytes whole MiB, 2 MiB to 1 TiB; 128 MiB when not said
     */
    public QemuQ35Builder ramBytes(long bytes) {
        ramBytes = bytes;
        return this;
    }

    /**
     * Sets how much of RAM lies below 4 GiB; the rest begins there.
     *
     * @param bytes whole MiB, 2 MiB to 2 GiB, at most all of RAM; half of it, but no more than 2 GiB, when not said
     */
    public QemuQ35Builder lowRamBytes(long bytes) {
        lowRamBytes = OptionalLong.of(bytes);
        return this;
    }

    /** Adds a device; a bridge or root port comes before what is behind it. */
    public QemuQ35Builder device(QemuDevice device) {
        devices.add(device);
        return this;
    }

    /** Adds words to QEMU's command line that no public method can, for tests of this package. */
    QemuQ35Builder extraWords(String... words) {
        extraWords.addAll(List.of(words));
        return this;
    }

    /**
     * Starts the machine.
     *
     * @throws MachineConfigurationException when it cannot be as asked for; nothing is left behind
     * @throws QemuUnavailableException when there is no QEMU here
     * @throws MachineDiedException when QEMU ended or hung for another reason while it started
     */
    public QemuQ35 build() {
        RamLayout layout =
                lowRamBytes.isPresent() ? new RamLayout(ramBytes, lowRamBytes.getAsLong()) : RamLayout.halves(ramBytes);
        List<BusPlan.Placed> placed = BusPlan.place(devices);
        for (QemuDevice device : devices) {
            if (device instanceof QemuDevice.Disk disk) {
                checkFile(disk);
            }
        }
        Path program = QemuProbe.require();
        MemoryFile ram = null;
        try (MemoryFile firmware = HaltingFirmware.image()) {
            ram = MemoryFile.create("postern-ram", layout.bytes());
            QemuCommandLine line = new QemuCommandLine(program, layout, ram.path(), firmware.path());
            placed.forEach(line::device);
            line.words(extraWords);
            return start(line, layout, ram);
        } catch (IOException e) {
            free(ram);
            throw new MachineConfigurationException("%s: %s".formatted(QemuQ35.NAME, e.getMessage()), e);
        } catch (RuntimeException e) {
            free(ram);
            throw e;
        }
    }

    private static void free(MemoryFile ram) {
        if (ram != null) {
            ram.close();
        }
    }

    private static QemuQ35 start(QemuCommandLine line, RamLayout layout, MemoryFile ram) throws IOException {
        try (Rendezvous meeting = Rendezvous.open()) {
            line.sockets(meeting.qtestPath(), meeting.qmpPath());
            ChildProcess qemu = ChildProcess.start(line.asList());
            try {
                return greet(qemu, meeting.accept(qemu, START), layout, ram);
            } catch (IOException | MachineDiedException e) {
                RuntimeException why = whyNotStarted(qemu, e);
                qemu.close();
                throw why;
            } catch (RuntimeException e) {
                qemu.close();
                throw e;
            }
        }
    }

    /** QEMU connects first and opens its images later: it is up when it has answered on both sockets. */
    private static QemuQ35 greet(ChildProcess qemu, Rendezvous.Sockets sockets, RamLayout layout, MemoryFile ram)
            throws IOException {
        QemuDeath death = new QemuDeath(QemuQ35.NAME, qemu);
        try (Closing closing = new Closing()) {
            closing.add(sockets.qtest());
            closing.add(sockets.qmp());
            QemuSocket toQtest = closing.add(new QemuSocket(sockets.qtest(), QemuSocket.PATIENCE));
            QemuSocket toQmp = closing.add(new QemuSocket(sockets.qmp(), QemuSocket.PATIENCE));
            QtestClient qtest = new QtestClient(toQtest, death);
            QmpClient qmp = new QmpClient(toQmp, death);
            qmp.greet();
            qtest.interceptInputs(QemuInterruptLines.CONTROLLER);
            closing.keep();
            return new QemuQ35(qemu, death, ram, layout, qtest, qmp);
        }
    }

    /** QEMU ends with status 1 when it refuses what it was asked for, and says why as its last words. */
    private static RuntimeException whyNotStarted(ChildProcess qemu, Exception noticed) {
        qemu.awaitExit(Duration.ofSeconds(2));
        String words = String.join(" ", qemu.lastLines());
        Optional<String> remedy = remedy(qemu.exitStatus(), words);
        if (remedy.isPresent()) {
            return new MachineConfigurationException(
                    "%s: QEMU refuses: %s: %s".formatted(QemuQ35.NAME, withoutPrefix(words), remedy.get()), noticed);
        }
        return noticed instanceof MachineDiedException died
                ? died
                : new MachineDiedException(
                        "%s did not start: %s; QEMU's %s"
                                .formatted(QemuQ35.NAME, noticed.getMessage(), qemu.describe()),
                        noticed);
    }

    /** What to do about the words that QEMU ended with; empty when it is not the caller who can do something. */
    private static Optional<String> remedy(OptionalInt status, String words) {
        if (words.contains("attempt to add duplicate property")) {
            // It aborts here: a bus is also a property of its bridge, and must not be called like another.
            return Optional.of("use another id");
        }
        if (!status.equals(OptionalInt.of(1))) {
            return Optional.empty();
        }
        // The words of its file driver, for whichever of the permissions is held by another.
        return Optional.of(
                words.contains("Failed to get ")
                        ? "end the other user of the image, or open it read-only in both"
                        : "change what it names here");
    }

    /** Drops the program's name, which says nothing. */
    private static String withoutPrefix(String words) {
        String prefix = QemuProbe.PROGRAM + ": ";
        int at = words.indexOf(prefix);
        return at < 0 ? words : words.substring(at + prefix.length());
    }

    private static void checkFile(QemuDevice.Disk disk) {
        Path file = disk.file();
        String complaint = null;
        if (!Files.exists(file)) {
            complaint = "there is no such file: create it, for example with truncate -s 64M";
        } else if (!Files.isRegularFile(file)) {
            complaint = "not a regular file: give a raw disk image";
        } else if (!Files.isReadable(file)) {
            complaint = "no permission to read it: change its mode or owner";
        } else if (disk.access() == DiskAccess.READ_WRITE && !Files.isWritable(file)) {
            complaint = "no permission to write it: change its mode, or open it read-only";
        } else {
            complaint = complainOfSize(file);
        }
        if (complaint != null) {
            throw new MachineConfigurationException("disk '%s': %s: %s".formatted(disk.id(), file, complaint));
        }
    }

    private static String complainOfSize(Path file) {
        try {
            long size = Files.size(file);
            return size > 0 && size % 512 == 0
                    ? null
                    : "its size is %d bytes: make it a positive multiple of 512".formatted(size);
        } catch (IOException e) {
            return "cannot be examined (" + e.getMessage() + "): give a raw disk image";
        }
    }
}
