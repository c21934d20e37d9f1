package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A daemon ends with the JVM, also where it is another user's process. */
@Timeout(120)
class VhostUserDeathTest {

    @BeforeAll
    static void daemon() {
        Peer.requireStorageDaemon();
    }

    @Test
    void aKilledJvmLeavesNoDaemon() throws Exception {
        Process parent = AnotherJvm.start(VhostUserInAnotherJvm.class, List.of());
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
        Process parent = AnotherJvm.start(VhostUserInAnotherJvm.class, List.of("exit"));
        try (BufferedReader said = parent.inputReader()) {
            long daemon = Long.parseLong(said.readLine());
            assertTrue(parent.waitFor(30, TimeUnit.SECONDS));
            Peer.await(() -> !Peer.isAlive(daemon));
        } finally {
            parent.destroyForcibly();
        }
    }
}
