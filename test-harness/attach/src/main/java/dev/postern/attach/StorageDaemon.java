package dev.postern.attach;

import dev.postern.machine.ChannelException;
import dev.postern.machine.ChannelException.Reason;
import dev.postern.os.ChildProcess;
import dev.postern.os.StreamException;
import dev.postern.os.UnixStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A storage daemon of QEMU that exports one disk as a vhost-user device, and ends with this JVM, however that ends. It serves one
 * connection at a time. One that has ended is started again by the next connection.
 *
 * <p><b>Ownership:</b> the machine's. <b>Threads:</b> safe from any thread; what starts it is called by one.
 */
public final class StorageDaemon {

    private static final Duration START = Duration.ofSeconds(20);

    /** From the end of a process to its last words. */
    private static final Duration LAST_BREATH = Duration.ofSeconds(2);

    /** The status of a process that a signal ended is this and the signal's number. */
    private static final int SIGNALS = 128;

    private final String name;
    private final StorageDisk disk;
    private final DaemonUser user;
    private final SocketFolder folder;
    private final List<String> command;
    private volatile ChildProcess process;
    private volatile int starts;
    private volatile boolean closed;

    /** The process that was told to end, which takes a moment in which it still takes connections. */
    private volatile ChildProcess killed;

    private StorageDaemon(String name, StorageDisk disk, DaemonUser user, SocketFolder folder, List<String> command) {
        this.name = name;
        this.disk = disk;
        this.user = user;
        this.folder = folder;
        this.command = command;
    }

    /**
     * Starts one, and returns when it listens.
     *
     * @param number of the disk, for its name
     * @param program the daemon's program
     * @throws MachineConfigurationException when the daemon refuses the disk, with its words and the remedy
     * @throws IOException when it cannot be started
     */
    static StorageDaemon start(int number, StorageDisk disk, DaemonUser user, Path program) throws IOException {
        disk.check();
        SocketFolder folder = SocketFolder.create(user);
        StorageDaemon daemon = new StorageDaemon(
                "%s disk%d (%s)".formatted(VhostUserMachine.NAME, number, disk.content()),
                disk,
                user,
                folder,
                command(program, disk, user, folder.socket()));
        try {
            daemon.startProcess();
            daemon.awaitSocket(new Patience(START));
            return daemon;
        } catch (ChannelException e) {
            daemon.close();
            throw new MachineConfigurationException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            daemon.close();
            throw e;
        }
    }

    private static List<String> command(Path program, StorageDisk disk, DaemonUser user, Path socket) {
        List<String> words = new ArrayList<>();
        if (disk.content() instanceof StorageDisk.Image image) {
            words.addAll(ImageLock.words(image.file(), disk.access()));
        }
        words.addAll(user.prefix());
        words.add(program.toString());
        words.addAll(List.of("--blockdev", QemuJson.of(disk.node())));
        words.addAll(List.of(
                "--export",
                QemuJson.of(Map.of(
                        "type",
                        "vhost-user-blk",
                        "id",
                        "export",
                        "node-name",
                        StorageDisk.NODE,
                        "addr",
                        Map.of("type", "unix", "path", socket.toString()),
                        "writable",
                        disk.access() == DiskAccess.READ_WRITE,
                        "num-queues",
                        disk.queues(),
                        "logical-block-size",
                        disk.blockBytes()))));
        return List.copyOf(words);
    }

    private void startProcess() throws IOException {
        // A name that is there later is the new daemon's.
        Files.deleteIfExists(socket());
        process = ChildProcess.start(command);
        starts++;
        if (closed) {
            process.close();
        }
    }

    /** The daemon opens the image, then makes the socket; when the name is there, it is past the change of its user. */
    private void awaitSocket(Patience patience) throws IOException {
        while (!Files.exists(socket())) {
            if (!process.isAlive()) {
                throw ended();
            }
            if (!patience.goesOn()) {
                throw new ChannelException(
                        Reason.TOO_LATE,
                        "%s: the storage daemon made no socket in time: end what keeps the processor or the disk busy"
                                .formatted(name),
                        null);
            }
        }
        try {
            user.confirm(process.pid());
        } catch (IOException e) {
            // Killed since, it has nothing to be confirmed.
            throw process.awaitExit(LAST_BREATH) ? ended() : e;
        }
    }

    /** A process that was ended by a signal comes back; one that ended by itself has a reason, which would be there again. */
    private ChannelException ended() {
        process.awaitExit(LAST_BREATH);
        String words = String.join(" ", process.lastLines());
        return remedy(words)
                .map(remedy -> new ChannelException(
                        Reason.REFUSED,
                        Stream.of(name, withoutOption(words), remedy)
                                .filter(part -> !part.isBlank())
                                .collect(Collectors.joining(": ")),
                        null))
                .orElseGet(() -> new ChannelException(
                        Reason.ABSENT,
                        "%s: the storage daemon did not start: %s: run it by hand to see why"
                                .formatted(name, process.describe()),
                        null));
    }

    /** What to do about the words that the daemon ended with. */
    private Optional<String> remedy(String words) {
        if (process.exitStatus().orElse(0) == ImageLock.HELD_BY_ANOTHER) {
            return Optional.of("another storage daemon has the image: end it, or open it read-only in both");
        }
        if (words.contains("Failed to get ")) {
            return Optional.of("end the other user of the image, or open it read-only in both");
        }
        if (words.contains("No such file")) {
            return Optional.of("put it back");
        }
        if (words.contains("Failed to unlink socket") || words.contains("Failed to bind socket")) {
            return Optional.of("set -Djava.io.tmpdir to a folder that other users can enter");
        }
        if (words.contains("Permission denied")) {
            return Optional.of("change the mode of the image and its folders");
        }
        return process.exitStatus().orElse(0) == 1 && !words.isBlank()
                ? Optional.of("change what it names here")
                : Optional.empty();
    }

    /** Drops the option that the words are about, which is long and not the caller's. */
    private static String withoutOption(String words) {
        String end = "}: ";
        int at = words.lastIndexOf(end);
        return at < 0 ? words : words.substring(at + end.length());
    }

    /**
     * Connects to it; starts it again when it has ended.
     *
     * @param limit how long to wait for it to listen
     * @throws ChannelException when it does not; one line with the remedy
     */
    UnixStream connect(Duration limit) throws ChannelException {
        Patience patience = new Patience(limit);
        try {
            while (true) {
                if (closed) {
                    throw new ChannelException(Reason.ABSENT, name + ": the machine was closed: start another", null);
                }
                if (process == killed) {
                    process.awaitExit(patience.left());
                }
                if (!process.isAlive()) {
                    restart(patience);
                }
                Optional<UnixStream> stream = connectOnce(patience);
                if (stream.isPresent()) {
                    return stream.get();
                }
            }
        } catch (ChannelException e) {
            throw e;
        } catch (IOException e) {
            throw new ChannelException(Reason.ABSENT, "%s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private void restart(Patience patience) throws IOException {
        boolean again = true;
        while (again) {
            process.close();
            startProcess();
            try {
                awaitSocket(patience);
                again = false;
            } catch (ChannelException e) {
                // Killed while it started: it would be unjust to give up for that.
                again = process.exitStatus().orElse(0) > SIGNALS && !closed && patience.goesOn();
                if (!again) {
                    throw e;
                }
            }
        }
    }

    /** Empty when nobody listens yet, or any more. */
    private Optional<UnixStream> connectOnce(Patience patience) throws IOException {
        try {
            return Optional.of(UnixStream.connect(socket(), patience.left()));
        } catch (StreamException e) {
            boolean mayCome =
                    e.reason() == StreamException.Reason.NOBODY_LISTENS || e.reason() == StreamException.Reason.ABSENT;
            if (mayCome && patience.goesOn()) {
                return Optional.empty();
            }
            throw new ChannelException(
                    e.reason() == StreamException.Reason.TOO_LATE ? Reason.TOO_LATE : Reason.ABSENT,
                    "%s: %s; %s: end its other user, or raise the limit".formatted(name, e.getMessage(), condition()),
                    e);
        }
    }

    /** Ends it at once; the next connection starts it again. False when it has not gone within the limit. */
    boolean end(Duration limit) {
        ChildProcess ending = process;
        ending.kill();
        return ending.awaitExit(limit);
    }

    /** Whether it runs, and what it said last. */
    String condition() {
        return "the storage daemon's " + process.describe();
    }

    /** What the log calls it, and its channel. */
    public String name() {
        return name;
    }

    /** The disk that it exports. */
    public StorageDisk disk() {
        return disk;
    }

    /** Its process id; another after it was started again. */
    public long pid() {
        return process.pid();
    }

    /** Where it listens. */
    public Path socket() {
        return folder.socket();
    }

    /** Ends it at once (SIGKILL); the next connection starts it again. */
    public void kill() {
        ChildProcess ending = process;
        killed = ending;
        ending.kill();
    }

    /** Stops it until {@link #resume()} (SIGSTOP). */
    public void suspend() {
        process.suspend();
    }

    /** Lets it go on (SIGCONT). */
    public void resume() {
        process.resume();
    }

    /** Whether its process runs, or is suspended. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** How often it was started: 1 when it has never ended. */
    public int starts() {
        return starts;
    }

    /** What it said last, oldest line first; at most 50 lines, since it was started last. */
    public List<String> lastLines() {
        return process.lastLines();
    }

    /** As whom it runs. */
    DaemonUser user() {
        return user;
    }

    /** Ends it for good and removes its socket. Safe to call twice; never throws. */
    void close() {
        closed = true;
        ChildProcess running = process;
        if (running != null) {
            running.close();
        }
        folder.close();
    }
}
