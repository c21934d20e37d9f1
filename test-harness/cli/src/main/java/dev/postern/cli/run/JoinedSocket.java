package dev.postern.cli.run;

import dev.postern.cli.WrongCallException;
import dev.postern.os.StreamException;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The socket of a back-end that somebody else started. A call that names one where nobody listens is wrong, and one whose back-end hangs up
 * later is not.
 *
 * @param path as the call has it
 */
record JoinedSocket(Path path) {

    private static final Duration LIMIT = Duration.ofSeconds(1);
    /** stat(2): the type of a file in its mode, and that of a socket. */
    private static final int TYPE = 0xf000;

    private static final int SOCKET = 0xc000;

    /**
     * Checks that there is a socket. Nobody is connected to: there are back-ends that end with their first connection.
     *
     * @throws WrongCallException when there is none
     */
    void require() {
        if (!Files.exists(path)) {
            throw new WrongCallException(
                    "socket %s does not exist: start the back-end first, or correct the name".formatted(path));
        }
        int mode;
        try {
            mode = (int) Files.getAttribute(path, "unix:mode");
        } catch (IOException e) {
            throw new WrongCallException("socket %s cannot be examined (%s): give yourself permission to its folder"
                    .formatted(path, e.getClass().getSimpleName()));
        }
        if ((mode & TYPE) != SOCKET) {
            throw new WrongCallException("%s is no socket: name the one that a back-end listens at".formatted(path));
        }
    }

    /** Whether somebody can be connected to, now that it makes no difference to the run any more. */
    boolean listens() {
        try {
            UnixStream.connect(path, LIMIT).close();
            return true;
        } catch (StreamException e) {
            return e.reason() == StreamException.Reason.TOO_LATE;
        } catch (IOException e) {
            return false;
        }
    }
}
