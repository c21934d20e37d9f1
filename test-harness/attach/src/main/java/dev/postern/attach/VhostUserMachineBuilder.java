package dev.postern.attach;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.DescriptorSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** Says what a machine with devices over vhost-user is to be, and starts it. Used by one thread. */
public final class VhostUserMachineBuilder {

    private static final String NO_SECRETS =
            "The platform is plain: back-ends are given all RAM, and storage daemons run as this JVM's own user.";

    private static final String STRANGERS =
            " A back-end that was joined is given nothing but the window; as whom it runs is not this machine's to"
                    + " say.";

    private long ramBytes = 128 * RamLayout.MIB;
    private SecurePlatform platform = SecurePlatform.PLAIN;
    private OptionalLong windowBytes = OptionalLong.empty();
    private final List<Source> sources = new ArrayList<>();

    /** What is behind a channel. */
    private sealed interface Source {}

    /** A disk that gets a daemon. */
    private record Started(StorageDisk disk) implements Source {}

    /** A back-end that runs. */
    private record Joined(JoinedBackend backend) implements Source {}

    VhostUserMachineBuilder() {}

    /**
     * Sets the size of all RAM, the window and private RAM of a secure platform together.
     *
     * @param bytes whole MiB, 2 MiB to 1 TiB; 128 MiB when not said. Huge pages come in 2 MiB
     */
    public VhostUserMachineBuilder ramBytes(long bytes) {
        ramBytes = bytes;
        return this;
    }

    /**
     * Sets the platform that the guest finds; plain when not said.
     *
     * <p>On a secure one back-ends can be given the window alone, and the rest of RAM is memory of this JVM. When this JVM is root,
     * storage daemons run as another user; {@link VhostUserMachine#isolation()} says so. {@link SecurePlatform} says what this proves,
     * and what it does not.
     */
    public VhostUserMachineBuilder platform(SecurePlatform platform) {
        this.platform = Objects.requireNonNull(platform);
        return this;
    }

    /**
     * Sets how much of RAM can be shared with devices on a secure platform.
     *
     * @param bytes whole MiB, 2 MiB to 2 GiB, and at least 1 MiB less than all of RAM; 64 MiB when not said
     */
    public VhostUserMachineBuilder windowBytes(long bytes) {
        windowBytes = OptionalLong.of(bytes);
        return this;
    }

    /** Adds a disk, for which a storage daemon is started. */
    public VhostUserMachineBuilder disk(StorageDisk disk) {
        sources.add(new Started(Objects.requireNonNull(disk)));
        return this;
    }

    /**
     * Adds a disk that a running back-end has. It needs not listen yet.
     *
     * @throws MachineConfigurationException when no socket can have this name
     */
    public VhostUserMachineBuilder join(Path socket) {
        sources.add(new Joined(new JoinedBackend(socket)));
        return this;
    }

    /**
     * Starts the machine and its daemons. Nobody is connected to yet.
     *
     * @throws MachineConfigurationException when it cannot be as asked for; nothing is left behind
     * @throws QemuUnavailableException when a daemon is needed and not installed here
     * @throws MachineDiedException when a daemon could not be started for another reason
     */
    public VhostUserMachine build() {
        FlatRam map = new FlatRam(shareableBytes());
        try (Closing closing = new Closing()) {
            RamPages pages =
                    RamPages.take(platform == SecurePlatform.PLAIN ? "postern-ram" : "postern-window", map.bytes());
            GuestMemory memory = closing.add(
                    platform == SecurePlatform.PLAIN
                            ? GuestMemory.shared(map, pages.file())
                            : GuestMemory.withPrivate(map, pages.file(), ramBytes - map.bytes()));
            DescriptorSet descriptors = closing.add(DescriptorSet.open());
            MachineEnd end = new MachineEnd(VhostUserMachine.NAME);
            List<StorageDaemon> daemons = new ArrayList<>();
            List<BackendChannel> channels = new ArrayList<>();
            for (Source source : sources) {
                Backend backend = switch (source) {
                    case Started(StorageDisk disk) -> {
                        StorageDaemon daemon = start(disk, daemons.size());
                        closing.add(daemon::close);
                        daemons.add(daemon);
                        yield new StartedBackend(daemon);
                    }
                    case Joined(JoinedBackend joined) -> joined;
                };
                channels.add(new BackendChannel(backend, descriptors, end));
            }
            Optional<SecureCpu> cpu = platform == SecurePlatform.PLAIN
                    ? Optional.empty()
                    : Optional.of(SecureCpu.of(platform, memory, what -> stop(what, end, daemons)));
            closing.keep();
            return new VhostUserMachine(
                    memory, pages.sentence(), cpu, isolation(daemons), daemons, channels, descriptors, end);
        } catch (IOException e) {
            throw new MachineDiedException("%s: %s".formatted(VhostUserMachine.NAME, e.getMessage()), e);
        }
    }

    private StorageDaemon start(StorageDisk disk, int number) throws IOException {
        DaemonUser user = platform == SecurePlatform.PLAIN ? DaemonUser.ours() : DaemonUser.here(disk);
        return StorageDaemon.start(number, disk, user, StorageProbe.PROGRAM.require());
    }

    private static MachineDiedException stop(String what, MachineEnd end, List<StorageDaemon> daemons) {
        MachineDiedException died = end.byFault(what);
        daemons.forEach(StorageDaemon::close);
        return died;
    }

    private String isolation(List<StorageDaemon> daemons) {
        if (platform == SecurePlatform.PLAIN) {
            return NO_SECRETS;
        }
        String sentence = daemons.isEmpty()
                ? "No storage daemon was started."
                // The one with the most power, should they differ.
                : daemons.stream()
                        .map(StorageDaemon::user)
                        .max((a, b) -> Long.compare(a.powers(), b.powers()))
                        .orElseThrow()
                        .sentence();
        return sources.stream().anyMatch(Joined.class::isInstance) ? sentence + STRANGERS : sentence;
    }

    /** How much of RAM others can be given. */
    private long shareableBytes() {
        if (platform != SecurePlatform.PLAIN) {
            return WindowSize.checked(windowBytes.orElse(WindowSize.DEFAULT_BYTES), ramBytes);
        }
        windowBytes.ifPresent(WindowSize::refuseOnPlain);
        return ramBytes;
    }
}
