package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuProbeTest {

    @TempDir
    private Path folder;

    private Path program(String script) throws IOException {
        Path program = Files.writeString(folder.resolve(QemuProbe.PROGRAM.name()), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void theVersionIsReadFromQemusOwnWords() {
        assertEquals(
                Optional.of("7.2.22"),
                QemuProbe.PROGRAM.parseVersion(
                        List.of("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)")));
        assertEquals(
                Optional.of("10.0.2"),
                QemuProbe.PROGRAM.parseVersion(List.of("warning: x", "QEMU emulator version 10.0.2")));
        assertEquals(Optional.empty(), QemuProbe.PROGRAM.parseVersion(List.of("QEMU emulator version unknown")));
        assertEquals(Optional.empty(), QemuProbe.PROGRAM.parseVersion(List.of()));
    }

    @Test
    void theFirstExecutableOnThePathIsTaken() throws IOException {
        Path program = program("echo QEMU emulator version 1.2.3");
        Path other = Files.createDirectory(folder.resolve("empty"));
        Files.createFile(other.resolve(QemuProbe.PROGRAM.name()));
        assertEquals(Optional.of(program), QemuProbe.PROGRAM.find(":/nonexistent:" + other + ":" + folder));
        assertEquals("1.2.3", QemuProbe.PROGRAM.askVersion(program));
        assertEquals(Optional.empty(), QemuProbe.PROGRAM.find(other.toString()));
        assertEquals(Optional.empty(), QemuProbe.PROGRAM.find(""));
        assertEquals(Optional.empty(), QemuProbe.PROGRAM.find(null));
    }

    @Test
    void aProgramThatIsNotQemuIsToldWithItsWordsAndThePackage() throws IOException {
        Path program = program("echo something else; exit 3");
        QemuUnavailableException refused =
                assertThrows(QemuUnavailableException.class, () -> QemuProbe.PROGRAM.askVersion(program));
        assertTrue(refused.getMessage().contains("status 3, its last words: something else"), refused.getMessage());
        assertTrue(refused.getMessage().endsWith("package qemu-system-x86"), refused.getMessage());
    }

    @Test
    void theInstalledQemuIsFound() {
        Peer.requireQemu();
        QemuProbe here = QemuProbe.look().orElseThrow();
        assertTrue(Files.isExecutable(here.program()));
        assertTrue(here.version().matches("\\d+\\.\\d+\\.\\d+"), here.version());
    }
}
