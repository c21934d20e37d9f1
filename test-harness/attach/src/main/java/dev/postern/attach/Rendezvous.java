package dev.postern.attach;

import dev.postern.os.ChildProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * Two listening sockets in a folder that only this user can enter, for as long as it takes QEMU to connect to them.
 * Closing removes the folder; what has connected stays connected.
 */
final class Rendezvous implements AutoCloseable {

    /** {@code sun_path} of unix(7), less its end. */
    private static final int LONGEST_PATH = 107;

    private final Path folder;
    private final ServerSocketChannel qtest;
    private final ServerSocketChannel qmp;

    /** The two ends of the conversation with QEMU. */
    record Sockets(SocketChannel qtest, SocketChannel qmp) {}

    private Rendezvous(Path folder, ServerSocketChannel qtest, ServerSocketChannel qmp) {
        this.folder = folder;
        this.qtest = qtest;
        this.qmp = qmp;
    }

    /**
     * Creates the folder below the JVM's temporary folder, and listens.
     *
     * @throws MachineConfigurationException when the temporary folder's name is too long for a socket
     */
    static Rendezvous open() throws IOException {
        Path folder = Files.createTempDirectory(
                "postern-qemu-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServerSocketChannel qtest = null;
        ServerSocketChannel qmp = null;
        try {
            int length = path(folder, "qtest").toString().getBytes().length;
            if (length > LONGEST_PATH) {
                throw new MachineConfigurationException(
                        "the temporary folder's name %s is too long for a socket: set -Djava.io.tmpdir to a shorter one"
                                .formatted(folder.getParent()));
            }
            qtest = listen(path(folder, "qtest"));
            qmp = listen(path(folder, "qmp"));
            return new Rendezvous(folder, qtest, qmp);
        } catch (IOException | RuntimeException e) {
            new Rendezvous(folder, qtest, qmp).close();
            throw e;
        }
    }

    private static Path path(Path folder, String name) {
        return folder.resolve(name);
    }

    private static ServerSocketChannel listen(Path path) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(path), 1);
            channel.configureBlocking(false);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The path of the socket for registers. */
    Path qtestPath() {
        return path(folder, "qtest");
    }

    /** The path of the socket for the control protocol. */
    Path qmpPath() {
        return path(folder, "qmp");
    }

    /**
     * Waits until QEMU has connected to both.
     *
     * @throws IOException when it ends before, or does not come within the limit
     */
    Sockets accept(ChildProcess qemu, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        SocketChannel first = acceptOne(qtest, qemu, deadline);
        try {
            return new Sockets(first, acceptOne(qmp, qemu, deadline));
        } catch (IOException | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private static SocketChannel acceptOne(ServerSocketChannel listening, ChildProcess qemu, long deadline)
            throws IOException {
        try (Selector selector = Selector.open()) {
            listening.register(selector, SelectionKey.OP_ACCEPT);
            while (System.nanoTime() < deadline) {
                // Short waits: the selector does not hear of the end of a process.
                selector.select(10);
                SocketChannel accepted = listening.accept();
                if (accepted != null) {
                    return accepted;
                }
                if (!qemu.isAlive()) {
                    throw new IOException("QEMU ended before it connected");
                }
            }
        }
        throw new IOException("QEMU did not connect in time");
    }

    /** Stops listening and removes the sockets and their folder. */
    @Override
    public void close() throws IOException {
        try (ServerSocketChannel _ = qtest;
                ServerSocketChannel _ = qmp) {
            Files.deleteIfExists(qtestPath());
            Files.deleteIfExists(qmpPath());
            Files.deleteIfExists(folder);
        }
    }
}
