package dev.postern.cli.run;

import dev.postern.cli.words.NameList;
import java.util.Arrays;

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
