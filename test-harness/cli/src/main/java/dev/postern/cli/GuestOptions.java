package dev.postern.cli;

import dev.postern.boot.BootOptions;
import dev.postern.boot.PoolSize;
import dev.postern.cli.device.DeviceParser;
import dev.postern.cli.device.FeatureNames;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.FlightRecording;
import dev.postern.cli.run.MachineChoice;
import dev.postern.cli.run.SharedSpace;
import dev.postern.cli.words.ByteSize;
import dev.postern.cli.words.NameList;
import dev.postern.lab.MachineKind;
import dev.postern.quirks.decision.Strictness;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.queue.QueueOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which every command says what guest it wants, on what machine. */
final class GuestOptions {

    private static final Map<String, InterruptMode> INTERRUPT_MODES = new TreeMap<>(
            Map.of("msix", InterruptMode.MSIX, "intx", InterruptMode.INTX, "polled", InterruptMode.POLLED));

    private static final Map<String, QueueOptions.Code> QUEUE_CODES =
            new TreeMap<>(Map.of("plain", QueueOptions.Code.PLAIN, "specialised", QueueOptions.Code.SPECIALISED));

    @Option(
            names = "--machine",
            paramLabel = "MACHINE",
            description = "emulated (in this process), qemu-q35, vhost-user (a qemu-storage-daemon for each disk), or"
                    + " vhost-user:SOCKET (who listens there).")
    private String machine = MachineKind.EMULATED.label();

    @Option(
            names = "--device",
            paramLabel = "SPEC",
            description = "A device; repeat it. Without: 64 MiB of disk in memory (emulated only) and an rng (not on vhost-user).")
    private List<String> devices = List.of();

    @Option(names = "--irq", paramLabel = "MODE", description = "How drivers hear of devices: msix, intx or polled; on vhost-user msix is an eventfd.")
    private String irq = "msix";

    @Option(
            names = "--withhold",
            paramLabel = "FEATURE[,FEATURE...]",
            description = "Features that no driver accepts, whatever a device offers, such as event_idx,indirect_desc.")
    private String withhold;

    @Option(
            names = "--queues",
            paramLabel = "CODE",
            description =
                    "Whose code queues run: plain, that of their class, or specialised, a copy of their own. Without:"
                            + " plain on the emulated machine, specialised on others.")
    private String queues;

    @Option(names = "--ram", paramLabel = "SIZE", description = "RAM of the machine, such as 128M (the default) or 5G.")
    private String ram = "128M";

    @Option(
            names = "--pool",
            paramLabel = "SIZE",
            description =
                    "The bounce pool, which then does not grow; without, 4M that grows as the platform's quirk rows"
                            + " allow.")
    private String pool;

    @Option(
            names = "--strict",
            description = "Refuses a device that a secure guest serves only with reservations, as Linux does.")
    private boolean strict;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of all that the emulated machine chooses, and of its disk in memory; 1 unless said.")
    private String seed;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "Writes a flight recording of bursts, kicks, interrupts, violations, maps, unmaps and bounces;"
                            + " look with jfr.")
    private Path record;

    @Mixin
    private FactOptions facts = new FactOptions();

    /** Made by the parser. */
    GuestOptions() {}

    /** The machine that was named. */
    MachineChoice machine() {
        return MachineChoice.named(machine);
    }

    /** Starts the flight recording that was asked for, if any. */
    Optional<FlightRecording> startRecording() {
        return Optional.ofNullable(record).map(FlightRecording::start);
    }

    /** The pool that was asked for, in bytes, at whatever size. */
    OptionalLong poolBytes() {
        return pool == null ? OptionalLong.empty() : OptionalLong.of(ByteSize.parse("--pool", pool));
    }

    /**
     * The whole request.
     *
     * @param platform a preset's name that was checked before
     * @param applications to run
     * @param environment may name a folder of quirk rows
     * @param streams where rows that are set aside are reported
     * @throws WrongCallException when a word is wrong
     */
    BootRequest request(String platform, List<String> applications, Map<String, String> environment, Streams streams) {
        NameList.of("interrupt mode", INTERRUPT_MODES.keySet()).require(irq);
        machine().requireInterrupts(INTERRUPT_MODES.get(irq));
        if (queues != null) {
            NameList.of("code of queues", QUEUE_CODES.keySet()).require(queues);
        }
        long ramBytes = ByteSize.parse("--ram", ram);
        BootOptions options = BootOptions.defaults()
                .withInterrupts(INTERRUPT_MODES.get(irq))
                .withWithheld(withhold == null ? FeatureSet.EMPTY : FeatureNames.parse("--withhold", withhold))
                .withStrictness(strict ? Strictness.REFUSE : Strictness.SERVE)
                .withQuirks(facts.quirks(environment, streams))
                .withClaims(facts.claims())
                .withQueues(queues == null ? machine().queues() : QUEUE_CODES.get(queues));
        Optional<PoolSize> size = SharedSpace.of(machine().kind(), platform, ramBytes).pool(poolBytes());
        return BootRequest.of(
                machine(),
                platform,
                size.map(options::withPool).orElse(options),
                DeviceParser.parse(devices),
                applications,
                ramBytes,
                seed());
    }

    /** The seed that was given. */
    OptionalLong seed() {
        if (seed == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(seed));
        } catch (NumberFormatException e) {
            throw new WrongCallException(
                    "--seed '%s' is no whole number of 64 bits: give one such as 7".formatted(seed));
        }
    }
}
