package dev.postern.cli.report;

import dev.postern.boot.DeviceReport;
import dev.postern.virtio.FeatureSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Says of each virtio device what became of it, and why. Devices that agreed on the same features share their line. */
final class DeviceLines {

    private final LabelledLines lines;
    private final Palette palette;
    /** Names by type, offered and accepted features. */
    private final Map<List<Object>, String> shown = new HashMap<>();

    DeviceLines(LabelledLines lines, Palette palette) {
        this.lines = lines;
        this.palette = palette;
    }

    void print(DeviceReport device) {
        boolean driven = device.outcome() == DeviceReport.Result.DRIVEN;
        String word = device.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        String plan = driven ? "  " + device.plan() : "";
        String details = device.details().map(text -> "  " + text).orElse("");
        int room = LabelledLines.textWidth() - (device.location() + "  " + word + plan).length();
        boolean fits = details.length() <= room;
        lines.line(
                device.name(),
                device.location()
                        + "  "
                        + (driven ? palette.good(word) : palette.bad(word))
                        + plan
                        + (fits ? details : ""));
        if (!fits) {
            lines.words("", details);
        }
        lines.words("", "why: " + withoutName(device));
        if (!device.offered().equals(FeatureSet.EMPTY)) {
            printFeatures(device);
        }
    }

    private static String withoutName(DeviceReport device) {
        String prefix = device.name() + ": ";
        return device.why().startsWith(prefix) ? device.why().substring(prefix.length()) : device.why();
    }

    private void printFeatures(DeviceReport device) {
        String before =
                shown.putIfAbsent(List.of(device.type().name(), device.offered(), device.accepted()), device.name());
        if (before != null) {
            lines.line("", "offers: as " + before);
            return;
        }
        List<String> words = new ArrayList<>();
        device.offered().bits().forEach(bit -> {
            boolean accepted = device.accepted().has(bit);
            String name = device.type().namesOf(FeatureSet.of(bit)).getFirst();
            words.add(accepted ? "+" + name : name);
        });
        lines.words("", "offers (+ accepted): " + String.join(" ", words));
    }
}
