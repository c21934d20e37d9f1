package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon ends with the JVM, also where it is another user's process. */
@Timeout(120)
class VhostUserDeathTest {

    /** For the sockets: who is killed cannot remove them. */
    @TempDir
    private Path temporary;

    @BeforeEach
    void letOthersIn() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process start(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("-Djava.io.tmpdir=" + temporary));
        all.addAll(List.of(words));
        return AnotherJvm.start(VhostUserInAnotherJvm.class, all);
    }

    @BeforeAll
    static void daemon() {
        Peer.requireStorageDaemon();
    }

    @Test
    void aKilledJvmLeavesNoDaemon() throws Exception {
        Process parent = start();
        try (BufferedReader said = parent.inputReader()) {
            long daemon = Long.parseLong(said.readLine());
            assertTrue(Peer.isAlive(daemon));
            parent.destroyForcibly();
            Peer.await(() -> !Peer.isAlive(daemon));
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aJvmThatExitsWithoutClosingLeavesNoDaemon() throws Exception {
        Process parent = start("exit");
        try (BufferedReader said = parent.inputReader()) {
            long daemon = Long.parseLong(said.readLine());
            assertTrue(parent.waitFor(30, TimeUnit.SECONDS));
            Peer.await(() -> !Peer.isAlive(daemon));
        } finally {
            parent.destroyForcibly();
        }
    }

    /** The daemon makes its socket as another user. */
    @Test
    void aTemporaryFolderThatOtherUsersCannotEnterIsToldWithTheRemedy() throws Exception {
        assumeTrue(ProcessCredentials.ours().effectiveUser() == 0, "not root: daemons run as this JVM's own user");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
        Process parent = start();
        try (BufferedReader said = parent.inputReader()) {
            String line = said.readLine();
            assertTrue(line.contains("Permission denied: set -Djava.io.tmpdir to a folder that"), line);
            assertTrue(parent.waitFor(30, TimeUnit.SECONDS));
        } finally {
            parent.destroyForcibly();
        }
    }
}
