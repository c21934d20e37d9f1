package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postern.os.OpenDescriptors;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What tests with a real peer have in common. */
final class Peer {

    private static final long LIMIT_SECONDS = 30;

    private Peer() {}

    /** Skips the test when QEMU is missing, or fails it where POSTERN_REQUIRE_PEERS=1 says that it must be here. */
    static void requireQemu() {
        require(
                QemuProbe.look().isPresent(),
                "no qemu-system-x86_64 on PATH: install the Debian package " + QemuProbe.DEBIAN_PACKAGE);
    }

    /** The same for the storage daemon. */
    static void requireStorageDaemon() {
        require(
                StorageProbe.look().isPresent(),
                "no qemu-storage-daemon on PATH: install the Debian package " + StorageProbe.DEBIAN_PACKAGE);
    }

    private static void require(boolean here, String remedy) {
        if ("1".equals(System.getenv("POSTERN_REQUIRE_PEERS"))) {
            assertTrue(here, remedy);
        }
        assumeTrue(here, remedy);
    }

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /**
     * That no more are open than before. The pipes of a process that has ended are closed a moment later, by a thread of the JVM.
     *
     * @param before how many there were
     */
    static void awaitDescriptors(int before) throws IOException {
        long deadline = System.nanoTime() + LIMIT_SECONDS * 1_000_000_000;
        List<String> now = OpenDescriptors.names();
        while (now.size() > before) {
            assertTrue(System.nanoTime() < deadline, before + " descriptors became " + now);
            Thread.onSpinWait();
            now = OpenDescriptors.names();
        }
    }

    /** Looks again and again, with a bound, at something that tells nobody when it changes. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT_SECONDS * 1_000_000_000;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "nothing happened for " + LIMIT_SECONDS + " seconds");
            Thread.onSpinWait();
        }
    }
}
