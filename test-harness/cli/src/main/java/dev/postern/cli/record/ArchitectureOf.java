package dev.postern.cli.record;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells an architecture by what its kernel writes into {@code /proc/cpuinfo}. */
final class ArchitectureOf {

    private ArchitectureOf() {}

    /** The word of facts for it; empty when the text is of none that facts know. */
    static Optional<String> cpus(String cpuinfo) {
        if (has(cpuinfo, "vendor_id\\s*: IBM/S390")) {
            return Optional.of("s390");
        }
        if (has(cpuinfo, "vendor_id\\s*: \\w+") && has(cpuinfo, "flags\\s*: ")) {
            return Optional.of("x86");
        }
        if (has(cpuinfo, "CPU implementer\\s*: ")) {
            return Optional.of("arm");
        }
        if (has(cpuinfo, "isa\\s*: rv")) {
            return Optional.of("riscv");
        }
        if (has(cpuinfo, "cpu\\s*: POWER") || has(cpuinfo, "cpu\\s*: (PPC|e[56]500)")) {
            return Optional.of("power");
        }
        if (has(cpuinfo, "type\\s*: sun4")) {
            return Optional.of("sparc");
        }
        return has(cpuinfo, "system type\\s*: ") ? Optional.of("mips") : Optional.empty();
    }

    private static boolean has(String text, String line) {
        return Pattern.compile("^" + line, Pattern.MULTILINE).matcher(text).find();
    }

    /** The flags of an x86 processor; empty for others. */
    static Set<String> flags(String cpuinfo) {
        return cpuinfo.lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip().split("\\s+"))
                .map(words -> Set.copyOf(List.of(words)))
                .orElse(Set.of());
    }
}
