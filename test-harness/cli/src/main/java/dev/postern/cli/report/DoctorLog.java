package dev.postern.cli.report;

import dev.postern.cli.record.MachineRecord;
import dev.postern.cli.run.Checkup;
import dev.postern.cli.run.HugePagePool;
import dev.postern.cli.words.ByteSize;
import java.io.PrintStream;
import java.util.Locale;

/** Tells a person what works here. */
public final class DoctorLog {

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

    private static String hugePages(HugePagePool pages) {
        String found = "%d of %d free, 2 MiB each".formatted(pages.free(), pages.all());
        return pages.free() < HugePagePool.USUAL
                ? "%s; vhost-user is faster with %d: %s".formatted(found, HugePagePool.USUAL, pages.remedy())
                : found;
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
