package dev.postern.cli.report;

import dev.postern.cli.record.MachineRecord;
import dev.postern.cli.run.Checkup;
import dev.postern.cli.words.ByteSize;
import dev.postern.os.HugePages;
import java.io.PrintStream;
import java.util.Locale;

/** Tells a person what works here. */
public final class DoctorLog {

    private static final long DEFAULT_PAGES = 64;

    private final LabelledLines lines;
    private final Palette palette;

    /**
     * A log.
     *
     * @param out where it goes
     * @param palette how it looks
     */
    public DoctorLog(PrintStream out, Palette palette) {
        this.lines = new LabelledLines(out, palette);
        this.palette = palette;
    }

    /** Prints all of it. */
    public void print(Checkup checkup) {
        String label = "machines";
        for (Checkup.Bench bench : checkup.machines()) {
            String word = "%-7s".formatted(bench.condition().name().toLowerCase(Locale.ROOT));
            boolean works = bench.condition() == Checkup.Condition.WORKS;
            lines.line(
                    label,
                    "%-10s %s %s"
                            .formatted(bench.name(), works ? palette.good(word) : palette.bad(word), bench.what()));
            bench.remedy().ifPresent(remedy -> lines.line("", " ".repeat(19) + "to get it: " + remedy));
            label = "";
        }
        Checkup.Host host = checkup.host();
        lines.line("java", "%s, %s".formatted(host.javaVersion(), host.javaHome()));
        lines.line("cores", Integer.toString(host.cores()));
        lines.line(
                "memory",
                "%s, %s free".formatted(ByteSize.human(host.memoryBytes()), ByteSize.human(host.freeBytes())));
        lines.words("huge pages", hugePages(host.hugePages()));
    }

    /** A guest of the default size takes 64 of them. */
    private static String hugePages(long free) {
        String some = "echo %d > /proc/sys/vm/nr_hugepages as root".formatted(DEFAULT_PAGES);
        return free == 0
                ? "none free: vhost-user has RAM in pages of 4 KiB, which is slower; " + some + " makes some"
                : "%d of 2 MiB free, room for %s of RAM on vhost-user%s"
                        .formatted(
                                free,
                                ByteSize.human(free * HugePages.BYTES),
                                free < DEFAULT_PAGES ? "; " + some + " makes room for 128 MiB" : "");
    }

    /**
     * Prints what was recorded, and what to do with it.
     *
     * @param file that was written
     */
    public void print(String file, MachineRecord found) {
        lines.line("recorded", file);
        lines.words(
                "devices", found.deviceNames().isEmpty() ? "no virtio devices" : String.join(" ", found.deviceNames()));
        String label = "not known";
        for (String words : found.unknown()) {
            lines.words(label, words);
            label = "";
        }
        String device =
                found.deviceNames().isEmpty() ? "blk" : found.deviceNames().getFirst();
        lines.line("next", "postern explain --facts %s --device %s".formatted(file, device));
    }
}
