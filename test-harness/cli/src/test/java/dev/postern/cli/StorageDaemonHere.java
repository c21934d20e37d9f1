package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.postern.attach.StorageProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A storage daemon that a test starts by hand, for the command to join. */
final class StorageDaemonHere implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final Path socket;

    private StorageDaemonHere(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /** Goes on only when there is one. */
    static void require() {
        if (StorageProbe.look().isEmpty()) {
            String why = "no qemu-storage-daemon here: install the Debian package " + StorageProbe.DEBIAN_PACKAGE;
            if ("1".equals(System.getenv("POSTERN_REQUIRE_PEERS"))) {
                fail(why);
            }
            abort(why);
        }
    }

    static StorageDaemonHere over(Path image, Path socket) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        "qemu-storage-daemon",
                        "--blockdev",
                        "driver=raw,node-name=d0,file.driver=file,file.filename=" + image,
                        "--export",
                        "type=vhost-user-blk,id=e0,node-name=d0,writable=on,addr.type=unix,addr.path=" + socket))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        StorageDaemonHere daemon = new StorageDaemonHere(process, socket);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(socket)) {
            assertTrue(process.isAlive(), "the daemon ended");
            assertTrue(System.nanoTime() < deadline, "the daemon made no socket");
            Thread.onSpinWait();
        }
        return daemon;
    }

    Path socket() {
        return socket;
    }

    /** Ends it; the name of its socket stays. */
    void kill() {
        try {
            process.destroyForcibly();
            assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the test is told to end", e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
