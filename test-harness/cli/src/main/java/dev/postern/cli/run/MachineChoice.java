package dev.postern.cli.run;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import dev.postern.lab.MachineKind;
import dev.postern.lab.PlatformKind;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.queue.QueueOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The machine that a guest is booted on.
 *
 * @param kind which
 * @param socket where a back-end listens that runs already and has the only device; of {@link MachineKind#VHOST_USER} alone
 */
public record MachineChoice(MachineKind kind, Optional<Path> socket) {

    /** In this process, deterministic by seed. */
    public static final MachineChoice EMULATED = new MachineChoice(MachineKind.EMULATED, Optional.empty());

    private static final char BEFORE_SOCKET = ':';

    /** What the command line calls it, without the socket. */
    public String word() {
        return kind.label();
    }

    /** Whether it is in this process. */
    public boolean emulated() {
        return kind == MachineKind.EMULATED;
    }

    /** The presets that this machine can be built as; {@code plain} first. There are more that it cannot. */
    public List<String> platforms() {
        return kind.platforms().stream().map(PlatformKind::label).toList();
    }

    /** Those of them that keep devices from what the guest does not share. */
    public List<String> securePlatforms() {
        return kind.platforms().stream()
                .filter(PlatformKind::secure)
                .map(PlatformKind::label)
                .toList();
    }

    /** Whose code queues run unless a call says: where a boot is over in the time that a queue of its own code takes to make, plain. */
    public QueueOptions.Code queues() {
        return switch (kind) {
            case EMULATED -> QueueOptions.Code.PLAIN;
            case QEMU_Q35, VHOST_USER -> QueueOptions.Code.SPECIALISED;
        };
    }

    /** How a way of hearing of used buffers is called here. */
    public String interruptWord(InterruptMode mode) {
        boolean tripped = kind.discovery() == MachineKind.Discovery.BY_CHANNEL && mode == InterruptMode.MSIX;
        return tripped ? "eventfd" : mode.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Checks that this machine can be built as a preset.
     *
     * @throws WrongCallException when it cannot; the message has the nearest that it can, and all of them
     */
    public void requirePlatform(String name) {
        NameList.of("platform preset", platforms()).require(name);
    }

    /**
     * Checks that devices of this machine can interrupt in a way.
     *
     * @throws WrongCallException when they cannot
     */
    public void requireInterrupts(InterruptMode mode) {
        if (!kind.interrupts().contains(mode)) {
            throw new WrongCallException(
                    "--irq %s: %s has no interrupt lines: write msix, which is an eventfd here, or polled"
                            .formatted(mode.name().toLowerCase(Locale.ROOT), word()));
        }
    }

    /**
     * The machine of a name, or of a name and a socket, such as {@code vhost-user:/run/disk.sock}.
     *
     * @throws WrongCallException when there is none, or it joins nobody
     */
    public static MachineChoice named(String text) {
        int colon = text.indexOf(BEFORE_SOCKET);
        String name = colon < 0 ? text : text.substring(0, colon);
        NameList.of(
                        "machine",
                        Arrays.stream(MachineKind.values())
                                .map(MachineKind::label)
                                .toList())
                .require(name);
        MachineKind kind = Arrays.stream(MachineKind.values())
                .filter(each -> each.label().equals(name))
                .findFirst()
                .orElseThrow();
        return new MachineChoice(
                kind, colon < 0 ? Optional.empty() : Optional.of(socket(kind, text.substring(colon + 1))));
    }

    private static Path socket(MachineKind kind, String text) {
        if (kind != MachineKind.VHOST_USER) {
            throw new WrongCallException("--machine %s joins no socket: leave ':%s' out, or write vhost-user:SOCKET"
                    .formatted(kind.label(), text));
        }
        if (text.isEmpty()) {
            throw new WrongCallException("--machine vhost-user: has no socket behind its colon: write vhost-user:SOCKET,"
                    + " or vhost-user alone with --device blk,file=FILE");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new WrongCallException("'%s' cannot be a file name: %s".formatted(text, e.getReason()));
        }
    }
}
