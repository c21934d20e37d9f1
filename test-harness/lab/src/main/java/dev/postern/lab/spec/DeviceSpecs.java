package dev.postern.lab.spec;

import dev.postern.lab.DiskAccess;
import dev.postern.lab.DiskSettings;
import dev.postern.lab.LabDevice;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Reads devices as the command has them, such as {@code blk,size=4M,seed=7} or {@code blk,file=disk.img,ro=on,bus=port0}.
 *
 * <pre>
 * blk,size=SIZE[,seed=N]   a disk in memory; SIZE has K, M, G or T for powers of 1024
 * blk,file=FILE            a disk over an image
 *   [,ro=on|off][,serial=TEXT][,queues=N][,queue-size=N]
 *   [,block-size=N][,physical-block-size=N][,min-io-size=N][,opt-io-size=N]
 *   [,discard=on|off][,max-discard-sectors=N][,max-discard-segments=N][,discard-granularity=N]
 *   [,write-zeroes=on|off][,max-write-zeroes-sectors=N][,max-write-zeroes-segments=N][,may-unmap=on|off]
 *   [,secure-erase=on|off][,max-secure-erase-sectors=N][,max-secure-erase-segments=N]
 *   [,config-wce=on|off][,write-cache=on|off][,cache=host|volatile]
 *   [,seg-max=N][,seg-max-adjust=on|off][,size-max=N][,zones=none|host-managed|host-aware]
 *   [,fail-read=SECTOR][,fail-write=SECTOR][,fail-discard=SECTOR][,fail-write-zeroes=SECTOR][,fail-flush=on|off]
 * rng[,queue-size=N]       an entropy device
 *   [,features=+NAME-NAME...] of both
 * root-port,id=ID          a port with room for one device
 * bridge,id=ID             a bridge to a conventional bus
 *   [,id=ID][,bus=ID]      of every one but the port, which sits on the root bus
 * </pre>
 */
public final class DeviceSpecs {

    private static final int SECTOR = 512;

    private static final Choice<String> KINDS = Choice.of("device kind", List.of("blk", "rng", "root-port", "bridge"));
    /** What every machine can take. */
    private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,23}");

    private static final int SMALLEST_QUEUE = 1;
    private static final int LARGEST_QUEUE = 32768;

    private final List<SpecText> texts;
    private final Map<String, Integer> counts = new HashMap<>();

    private DeviceSpecs(List<SpecText> texts) {
        this.texts = texts;
    }

    /**
     * Reads all of them. A virtio device without an id gets the name that the guest gives to the first of its kind, the second, and so
     * on: {@code blk0}, {@code blk1}, {@code rng0}; where another has that id, with a dash behind.
     *
     * @param specs in the order in which the guest finds the devices; a bridge or port before what is behind it
     * @throws WrongWordException when one is wrong
     */
    public static List<LabDevice> parse(List<String> specs) {
        DeviceSpecs names = new DeviceSpecs(specs.stream().map(SpecText::of).toList());
        List<LabDevice> devices = new ArrayList<>();
        for (SpecText text : names.texts) {
            devices.add(names.device(text));
        }
        return List.copyOf(devices);
    }

    /** The words that a disk can have; those of the other devices are among them. */
    public static List<String> words() {
        List<String> words = new ArrayList<>(List.of("file", "size", "seed", "ro", "id", "bus", "features"));
        words.addAll(DiskWords.all());
        return words;
    }

    private LabDevice device(SpecText text) {
        return switch (text.said(() -> KINDS.named(text.kind()))) {
            case "blk" -> disk(text);
            case "rng" -> {
                text.allow(List.of("id", "bus", "features", "queue-size"));
                Optional<Long> queueSize = text.number("queue-size", SMALLEST_QUEUE, LARGEST_QUEUE);
                yield new LabDevice.Rng(
                        id(text),
                        bus(text),
                        FeatureWords.ofAny(text).any(),
                        queueSize.map(size -> OptionalInt.of(size.intValue())).orElse(OptionalInt.empty()));
            }
            case "root-port" -> {
                text.allow(List.of("id"));
                yield new LabDevice.RootPort(requiredId(text));
            }
            default -> {
                text.allow(List.of("id", "bus"));
                yield new LabDevice.Bridge(requiredId(text), bus(text));
            }
        };
    }

    private LabDevice disk(SpecText text) {
        text.allow(words());
        String file = text.options().get("file");
        String size = text.options().get("size");
        if ((file == null) == (size == null)) {
            throw text.wrong("a disk needs one of file=FILE, an image, and size=SIZE, a disk in memory");
        }
        FeatureWords features = FeatureWords.ofDisk(text);
        DiskSettings settings = DiskWords.read(
                text, new DiskSettings(features.ofDisks(), Map.of(), Map.of(), Optional.empty(), Map.of()));
        if (file == null) {
            return new LabDevice.MemoryDisk(
                    id(text), size(text, size), seed(text), access(text), bus(text), features.any(), settings);
        }
        if (text.options().containsKey("seed")) {
            throw text.wrong("seed= makes the content of a disk in memory: leave it out, or give size= and no file=");
        }
        return new LabDevice.Disk(id(text), path(text, file), access(text), bus(text), features.any(), settings);
    }

    private static long size(SpecText text, String size) {
        OptionalLong bytes = ByteCount.parse(size);
        if (bytes.isEmpty()) {
            throw text.wrong(
                    "size '%s' is not a size below 2^63: write a whole number of bytes, or one with K, M, G or T, such as 4M"
                            .formatted(size));
        }
        if (bytes.getAsLong() == 0) {
            throw text.wrong("size '%s' is nothing: write a size above zero, such as 4M".formatted(size));
        }
        if (bytes.getAsLong() % SECTOR != 0) {
            throw text.wrong("size '%s' is no multiple of 512: give whole sectors".formatted(size));
        }
        return bytes.getAsLong();
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
        return text.options().containsKey("ro") && text.onOrOff("ro") ? DiskAccess.READ_ONLY : DiskAccess.READ_WRITE;
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
        return id == null ? free(text.kind() + number) : valid(text, id);
    }

    /** A made-up id makes way for one that was given. */
    private String free(String wanted) {
        boolean taken =
                texts.stream().anyMatch(text -> wanted.equals(text.options().get("id")));
        return taken ? free(wanted + "-") : wanted;
    }

    private static String valid(SpecText text, String id) {
        if (!ID.matcher(id).matches() || id.equals(LabDevice.ROOT_BUS)) {
            throw text.wrong("id '%s': use a letter, then up to 23 letters, digits, '-', '_' or '.', and not %s"
                    .formatted(id, LabDevice.ROOT_BUS));
        }
        return id;
    }
}
