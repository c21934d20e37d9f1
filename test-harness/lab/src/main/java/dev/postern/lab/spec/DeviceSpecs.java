package dev.postern.lab.spec;

import dev.postern.lab.AdjustableFeature;
import dev.postern.lab.DiskAccess;
import dev.postern.lab.LabDevice;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads devices as the command has them, such as {@code blk,size=4M,seed=7} or {@code blk,file=disk.img,ro=on,bus=port0}.
 *
 * <pre>
 * blk,size=SIZE[,seed=N]   a disk in memory; SIZE has K, M, G or T for powers of 1024
 * blk,file=FILE            a disk over an image
 *   [,ro=on|off][,features=+NAME-NAME...]
 * rng                      an entropy device
 * root-port,id=ID          a port with room for one device
 * bridge,id=ID             a bridge to a conventional bus
 *   [,id=ID][,bus=ID]      of every one of the first three
 * </pre>
 */
public final class DeviceSpecs {

    private static final int SECTOR = 512;

    private static final Choice<String> KINDS = Choice.of("device kind", List.of("blk", "rng", "root-port", "bridge"));
    private static final Choice<String> SWITCH = Choice.of("setting of ro=", List.of("on", "off"));
    private static final Choice<AdjustableFeature> FEATURES =
            new Choice<>("feature that can be changed", List.of(AdjustableFeature.values()), AdjustableFeature::label);

    /** What every machine can take. */
    private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9]{0,19}");

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})([KMGT]?)");
    private static final String UNITS = "KMGT";
    private static final Pattern CHANGES = Pattern.compile("(?:[+-][a-z0-9_]+)+");
    private static final Pattern CHANGE = Pattern.compile("([+-])([a-z0-9_]+)");

    private final Map<String, Integer> counts = new HashMap<>();

    private DeviceSpecs() {}

    /**
     * Reads all of them. A virtio device without an id gets the name that the guest gives to the first of its kind, the second, and so
     * on: {@code blk0}, {@code blk1}, {@code rng0}.
     *
     * @param specs in the order in which the guest finds the devices; a bridge or port before what is behind it
     * @throws WrongWordException when one is wrong
     */
    public static List<LabDevice> parse(List<String> specs) {
        DeviceSpecs names = new DeviceSpecs();
        List<LabDevice> devices = new ArrayList<>();
        for (String spec : specs) {
            devices.add(names.device(SpecText.of(spec)));
        }
        return List.copyOf(devices);
    }

    private LabDevice device(SpecText text) {
        return switch (text.said(() -> KINDS.named(text.kind()))) {
            case "blk" -> disk(text);
            case "rng" -> {
                text.allow("id", "bus");
                yield new LabDevice.Rng(id(text), bus(text));
            }
            case "root-port" -> {
                text.allow("id");
                yield new LabDevice.RootPort(requiredId(text));
            }
            default -> {
                text.allow("id");
                yield new LabDevice.Bridge(requiredId(text));
            }
        };
    }

    private LabDevice disk(SpecText text) {
        text.allow("file", "size", "seed", "ro", "id", "bus", "features");
        String file = text.options().get("file");
        String size = text.options().get("size");
        if ((file == null) == (size == null)) {
            throw text.wrong("a disk needs one of file=FILE, an image, and size=SIZE, a disk in memory");
        }
        if (file == null) {
            return new LabDevice.MemoryDisk(
                    id(text), size(text, size), seed(text), access(text), bus(text), features(text));
        }
        if (text.options().containsKey("seed")) {
            throw text.wrong("seed= makes the content of a disk in memory: leave it out, or give size= and no file=");
        }
        return new LabDevice.Disk(id(text), path(text, file), access(text), bus(text), features(text));
    }

    private static long size(SpecText text, String size) {
        Matcher form = SIZE.matcher(size);
        if (!form.matches()) {
            throw text.wrong(
                    "size '%s' is not a size: write a whole number of bytes, or one with K, M, G or T, such as 4M"
                            .formatted(size));
        }
        int power = form.group(2).isEmpty() ? 0 : UNITS.indexOf(form.group(2)) + 1;
        long number = Long.parseLong(form.group(1));
        long bytes = number << 10 * power;
        if (number == 0 || bytes >> 10 * power != number) {
            throw text.wrong("size '%s' is nothing or beyond 63 bits: write one such as 4M".formatted(size));
        }
        if (bytes % SECTOR != 0) {
            throw text.wrong("size '%s' is no multiple of 512: give whole sectors".formatted(size));
        }
        return bytes;
    }

    private static long seed(SpecText text) {
        String seed = text.options().getOrDefault("seed", "1");
        try {
            return Long.parseLong(seed);
        } catch (NumberFormatException e) {
            throw text.wrong("seed '%s' is no whole number of 64 bits: give one such as 7".formatted(seed));
        }
    }

    private static DiskAccess access(SpecText text) {
        String word = text.options().getOrDefault("ro", "off");
        return text.said(() -> SWITCH.named(word)).equals("on") ? DiskAccess.READ_ONLY : DiskAccess.READ_WRITE;
    }

    private static Path path(SpecText text, String file) {
        if (file.isEmpty()) {
            throw text.wrong("file= is empty: give the name of an image");
        }
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw text.wrong("'%s' cannot be a file name: %s".formatted(file, e.getReason()));
        }
    }

    private static Map<AdjustableFeature, Boolean> features(SpecText text) {
        Map<AdjustableFeature, Boolean> changes = new EnumMap<>(AdjustableFeature.class);
        String features = text.options().get("features");
        if (features == null) {
            return changes;
        }
        if (!CHANGES.matcher(features).matches()) {
            throw text.wrong("features=%s: write + or - before each name, such as features=+access_platform-event_idx"
                    .formatted(features));
        }
        Matcher change = CHANGE.matcher(features);
        while (change.find()) {
            String name = change.group(2);
            AdjustableFeature feature = text.said(() -> FEATURES.named(name));
            if (changes.put(feature, change.group(1).equals("+")) != null) {
                throw text.wrong("feature '%s' is given twice: give it once".formatted(name));
            }
        }
        return changes;
    }

    private static String bus(SpecText text) {
        return text.options().getOrDefault("bus", LabDevice.ROOT_BUS);
    }

    private static String requiredId(SpecText text) {
        String id = text.options().get("id");
        if (id == null) {
            throw text.wrong("it needs an id= that devices behind it can name, such as id=port0");
        }
        return valid(text, id);
    }

    private String id(SpecText text) {
        int number = counts.merge(text.kind(), 1, Integer::sum) - 1;
        String id = text.options().get("id");
        return id == null ? text.kind() + number : valid(text, id);
    }

    private static String valid(SpecText text, String id) {
        if (!ID.matcher(id).matches()) {
            throw text.wrong("id '%s': use a letter, then up to 19 letters or digits".formatted(id));
        }
        return id;
    }
}
