package dev.postern.attach;

import dev.postern.machine.ChannelException;
import dev.postern.machine.ChannelException.Reason;
import dev.postern.os.StreamException;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A back-end that somebody else started.
 *
 * @param socket where it listens
 */
record JoinedBackend(Path socket) implements Backend {

    /** Refuses a name that no socket can have. */
    JoinedBackend {
        if (socket.toString().getBytes().length > UnixStream.LONGEST_PATH) {
            throw new MachineConfigurationException("socket %s: its name is longer than %d bytes: use a shorter path"
                    .formatted(socket, UnixStream.LONGEST_PATH));
        }
    }

    @Override
    public String name() {
        return VhostUserMachine.NAME + " " + socket;
    }

    @Override
    public UnixStream connect(Duration limit) throws ChannelException {
        Patience patience = new Patience(limit);
        while (true) {
            try {
                return UnixStream.connect(socket, patience.left());
            } catch (StreamException e) {
                boolean mayCome = e.reason() == StreamException.Reason.ABSENT
                        || e.reason() == StreamException.Reason.NOBODY_LISTENS && !Files.isRegularFile(socket);
                if (!mayCome || !patience.goesOn()) {
                    throw refused(e);
                }
            } catch (IOException e) {
                throw new ChannelException(Reason.ABSENT, name() + ": " + e.getMessage(), e);
            }
        }
    }

    private ChannelException refused(StreamException e) {
        return switch (e.reason()) {
            case NOT_PERMITTED ->
                trouble(
                        Reason.REFUSED,
                        e.getMessage() + ": change the mode of the socket and its folder, or run as its owner",
                        e);
            case TOO_LATE -> trouble(Reason.TOO_LATE, e.getMessage() + ": end its other user", e);
            case ABSENT ->
                trouble(Reason.ABSENT, e.getMessage() + ": start the back-end first, or correct the name", e);
            case NOBODY_LISTENS, HUNG_UP, MALFORMED ->
                trouble(
                        Reason.ABSENT,
                        Files.isRegularFile(socket)
                                ? socket + " is a file and not a socket: give the name of a back-end's socket"
                                : e.getMessage() + ": start the back-end again",
                        e);
        };
    }

    private ChannelException trouble(Reason reason, String what, Exception cause) {
        return new ChannelException(reason, VhostUserMachine.NAME + ": " + what, cause);
    }

    /** Not ours to end. */
    @Override
    public boolean powerCycle(Duration limit) {
        return false;
    }

    @Override
    public String condition() {
        return "the back-end at %s is not a process of ours".formatted(socket);
    }

    @Override
    public String remedy() {
        return "see what the back-end says, and start it again";
    }
}
