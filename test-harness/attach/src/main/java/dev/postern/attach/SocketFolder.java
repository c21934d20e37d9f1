package dev.postern.attach;

import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder for one socket, below the JVM's temporary folder, that one user can enter. Closing removes it. */
final class SocketFolder implements AutoCloseable {

    private final Path folder;

    private SocketFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Creates the folder for a daemon.
     *
     * @throws MachineConfigurationException when the temporary folder's name is too long for a socket
     */
    static SocketFolder create(DaemonUser user) throws IOException {
        SocketFolder made = new SocketFolder(Files.createTempDirectory(
                "postern-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        try {
            if (made.socket().toString().getBytes().length > UnixStream.LONGEST_PATH) {
                throw new MachineConfigurationException(
                        "the temporary folder's name %s is too long for a socket: set -Djava.io.tmpdir to a shorter one"
                                .formatted(made.folder.getParent()));
            }
            user.own(made.folder);
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** The name of the socket. */
    Path socket() {
        return folder.resolve("disk.sock");
    }

    /** Removes the folder and the socket's name. Safe to call twice; never throws. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(socket());
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // What is left is an empty folder among temporary ones.
        }
    }
}
