package dev.postern.cli.run;

import dev.postern.cli.words.NameList;
import dev.postern.virtio.queue.QueueOptions;
import java.util.Arrays;
import java.util.List;

/** The machines that a guest can be booted on. */
public enum MachineChoice {
    /** In this process, deterministic by seed. */
    EMULATED("emulated"),

    /** A real QEMU. */
    QEMU_Q35("qemu-q35");

    private final String word;

    MachineChoice(String word) {
        this.word = word;
    }

    /** What the command line calls it. */
    public String word() {
        return word;
    }

    /** The presets that this machine can be built as; {@code plain} first. There are more that it cannot. */
    public List<String> platforms() {
        return switch (this) {
            case EMULATED ->
                Arrays.stream(dev.postern.emulated.Platform.values())
                        .map(dev.postern.emulated.Platform::platformName)
                        .toList();
            case QEMU_Q35 ->
                Arrays.stream(dev.postern.attach.SecurePlatform.values())
                        .map(dev.postern.attach.SecurePlatform::presetName)
                        .toList();
        };
    }

    /** Those of them that keep devices from what the guest does not share. */
    public List<String> securePlatforms() {
        return switch (this) {
            case EMULATED ->
                Arrays.stream(dev.postern.emulated.Platform.values())
                        .filter(dev.postern.emulated.Platform::keepsMemoryPrivate)
                        .map(dev.postern.emulated.Platform::platformName)
                        .toList();
            case QEMU_Q35 ->
                platforms().stream()
                        .filter(name -> !name.equals(BootRequest.PLAIN))
                        .toList();
        };
    }

    /** Whose code queues run unless a call says: where a boot is over in the time that a queue of its own code takes to make, plain. */
    public QueueOptions.Code queues() {
        return switch (this) {
            case EMULATED -> QueueOptions.Code.PLAIN;
            case QEMU_Q35 -> QueueOptions.Code.SPECIALISED;
        };
    }

    /**
     * Checks that this machine can be built as a preset.
     *
     * @throws dev.postern.cli.WrongCallException when it cannot; the message has the nearest that it can, and all of them
     */
    public void requirePlatform(String name) {
        NameList.of("platform preset", platforms()).require(name);
    }

    /**
     * The machine of that name.
     *
     * @throws dev.postern.cli.WrongCallException when there is none
     */
    public static MachineChoice named(String name) {
        NameList.of("machine", Arrays.stream(values()).map(MachineChoice::word).toList())
                .require(name);
        return Arrays.stream(values())
                .filter(choice -> choice.word.equals(name))
                .findFirst()
                .orElseThrow();
    }
}
