package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.ByteSize;
import dev.postern.cli.words.NameList;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads the devices of a command line, one text each, in QEMU's manner. */
public final class DeviceParser {

    private static final NameList KINDS = NameList.of("device kind", List.of("blk", "rng", "root-port", "bridge"));
    private static final NameList SWITCH = NameList.of("setting of ro=", List.of("on", "off"));
    /** What both machines can take. */
    private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,23}");

    private final List<SpecText> texts;
    private final Map<String, Integer> counts = new HashMap<>();

    private DeviceParser(List<SpecText> texts) {
        this.texts = texts;
    }

    /**
     * Reads all of them. A virtio device without an id is called as the guest will call it, {@code blk0}.
     *
     * @param specs in the order of the line
     * @throws WrongCallException when one is wrong, or they do not fit together
     */
    public static List<DeviceRequest> parse(List<String> specs) {
        DeviceParser parser =
                new DeviceParser(specs.stream().map(SpecText::parse).toList());
        List<DeviceRequest> devices = new ArrayList<>();
        for (SpecText text : parser.texts) {
            devices.add(parser.read(text));
        }
        DeviceOrder.check(devices);
        DiskFiles.check(devices);
        return List.copyOf(devices);
    }

    private DeviceRequest read(SpecText text) {
        if (!KINDS.names().contains(text.kind())) {
            throw text.wrong(KINDS.complaint(text.kind()));
        }
        return switch (text.kind()) {
            case "blk" -> disk(text);
            case "rng" -> {
                text.allow(List.of("id", "bus", "features"));
                yield new DeviceRequest.Rng(id(text), bus(text), features(text, FeatureNames.ofAny()));
            }
            case "root-port" -> {
                text.allow(List.of("id"));
                yield new DeviceRequest.RootPort(requiredId(text));
            }
            default -> {
                text.allow(List.of("id", "bus"));
                yield new DeviceRequest.Bridge(requiredId(text), bus(text));
            }
        };
    }

    private DeviceRequest disk(SpecText text) {
        text.allow(List.of("file", "size", "seed", "ro", "id", "bus", "features"));
        String file = text.options().get("file");
        String size = text.options().get("size");
        if ((file == null) == (size == null)) {
            throw text.wrong("a disk needs one of file=FILE, an image, and size=SIZE, a disk in memory");
        }
        String id = id(text);
        if (file == null) {
            return new DeviceRequest.MemoryDisk(
                    id,
                    bus(text),
                    features(text, FeatureNames.ofDisk()),
                    sectors(text, size),
                    seed(text),
                    access(text));
        }
        if (text.options().containsKey("seed")) {
            throw text.wrong("seed= makes the content of a disk in memory: leave it out, or give size= and no file=");
        }
        return new DeviceRequest.FileDisk(
                id, bus(text), features(text, FeatureNames.ofDisk()), path(text, file), access(text));
    }

    private static long sectors(SpecText text, String size) {
        long bytes = said(text, () -> ByteSize.parse("size", size));
        if (bytes % 512 != 0) {
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

    private static DeviceRequest.Access access(SpecText text) {
        String word = text.options().getOrDefault("ro", "off");
        return said(text, () -> SWITCH.require(word)).equals("on")
                ? DeviceRequest.Access.READ_ONLY
                : DeviceRequest.Access.READ_WRITE;
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

    private static FeatureChanges features(SpecText text, NameList names) {
        String features = text.options().get("features");
        return features == null ? FeatureChanges.NONE : said(text, () -> FeatureChanges.parse(features, names));
    }

    private static String bus(SpecText text) {
        return text.options().getOrDefault("bus", DeviceRequest.ROOT_BUS);
    }

    private static String requiredId(SpecText text) {
        String id = text.options().get("id");
        if (id == null) {
            throw text.wrong("it needs an id= that devices behind it can name, such as id=br0");
        }
        return valid(text, id);
    }

    private String id(SpecText text) {
        int number = counts.merge(text.kind(), 1, Integer::sum) - 1;
        String id = text.options().get("id");
        return id != null ? valid(text, id) : free(text.kind() + number);
    }

    /** A made-up id makes way for one that the user gave. */
    private String free(String wanted) {
        boolean taken =
                texts.stream().anyMatch(text -> wanted.equals(text.options().get("id")));
        return taken ? free(wanted + "-") : wanted;
    }

    private static String valid(SpecText text, String id) {
        if (!ID.matcher(id).matches() || id.equals(DeviceRequest.ROOT_BUS)) {
            throw text.wrong("id '%s': use a letter, then up to 23 letters, digits, '-', '_' or '.', and not %s"
                    .formatted(id, DeviceRequest.ROOT_BUS));
        }
        return id;
    }

    private interface Reading<T> {
        T read();
    }

    /** Says of which device a value is wrong. */
    private static <T> T said(SpecText text, Reading<T> reading) {
        try {
            return reading.read();
        } catch (WrongCallException e) {
            throw text.wrong(e.getMessage());
        }
    }
}
