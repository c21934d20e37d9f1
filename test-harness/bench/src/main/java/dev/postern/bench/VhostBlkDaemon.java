package dev.postern.bench;

import dev.postern.os.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * QEMU's storage daemon, pinned, with two exports of one disk, of one queue each. Both are served by its one thread, so that who is
 * measured at the one finds exactly what who is measured at the other does; whoever rests costs nothing.
 */
final class VhostBlkDaemon implements AutoCloseable {

    private static final String PROGRAM = "qemu-storage-daemon";
    private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ChildProcess process;
    private final Path folder;
    private final List<Path> sockets;

    private VhostBlkDaemon(ChildProcess process, Path folder, List<Path> sockets) {
        this.process = process;
        this.folder = folder;
        this.sockets = sockets;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param image for a medium that needs one
     * @throws IOException when it is not installed or does not come up; the message says what to do
     */
    static VhostBlkDaemon start(PinnedCore core, VhostBlkMedium medium, Path image) throws IOException {
        Path folder = Files.createTempDirectory("postern-bench");
        List<Path> sockets = List.of(folder.resolve("first"), folder.resolve("second"));
        List<String> words = new ArrayList<>(List.of(PROGRAM));
        words.addAll(medium.nodes(image));
        for (Path socket : sockets) {
            words.addAll(List.of(
                    "--export",
                    "type=vhost-user-blk,id=%s,node-name=disk,addr.type=unix,addr.path=%s,writable=on,num-queues=1"
                            .formatted(socket.getFileName(), socket.toString().replace(",", ",,"))));
        }
        VhostBlkDaemon daemon = new VhostBlkDaemon(ChildProcess.start(core.with(words)), folder, sockets);
        try {
            daemon.awaitSockets();
            return daemon;
        } catch (IOException e) {
            daemon.close();
            throw e;
        }
    }

    private void awaitSockets() throws IOException {
        long start = System.nanoTime();
        while (!sockets.stream().allMatch(Files::exists)) {
            if (!process.isAlive() || System.nanoTime() - start > START_LIMIT_NANOS) {
                throw new IOException("%s does not come up (%s): install Debian's package qemu-system-common"
                        .formatted(PROGRAM, process.describe()));
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Where it listens: two sockets, of which the daemon serves one a few percent faster than the other. */
    List<Path> sockets() {
        return sockets;
    }

    /** How long its thread could have run and had no core, ever, in nanoseconds. */
    long waitedNanos() {
        return CoreWait.ofProcess(process.pid());
    }

    @Override
    public void close() throws IOException {
        process.close();
        for (Path socket : sockets) {
            Files.deleteIfExists(socket);
        }
        Files.delete(folder);
    }
}
