package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.NameList;
import dev.postern.facts.Fact;
import dev.postern.lab.spec.DeviceSpecs;
import dev.postern.quirks.FactFile;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.RecordedDevice;
import dev.postern.quirks.decision.ReservedFeature;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a device that is asked about: as {@code postern boot} takes it, and with facts by their words, such as
 * {@code blk,transport=legacy-pci,address-bits=32}. With a facts file the first word may be the name of a device of it.
 */
public final class AskedDeviceParser {

    /** What {@code postern boot} takes besides; an answer does not depend on it. */
    private static final List<String> OF_NO_WEIGHT = DeviceSpecs.words();

    private static final String FEATURES = "features";
    private static final int DISK = 2;
    /** Not of a device, or asked for by options of their own. */
    private static final Set<FactName> ELSEWHERE = EnumSet.of(FactName.PRESET, FactName.STRICTNESS);

    private final SpecText text;
    private final Optional<FactFile> recorded;

    private AskedDeviceParser(SpecText text, Optional<FactFile> recorded) {
        this.text = text;
        this.recorded = recorded;
    }

    /**
     * Reads one.
     *
     * @param spec as written
     * @param recorded the file whose devices can be named
     * @throws WrongCallException when a word or value is wrong
     */
    public static AskedDevice parse(String spec, Optional<FactFile> recorded) {
        return new AskedDeviceParser(SpecText.parse(spec), recorded).read();
    }

    private AskedDevice read() {
        List<String> keys = new ArrayList<>(OF_NO_WEIGHT);
        FactName.words().stream()
                .filter(word -> !ELSEWHERE.contains(FactName.named(word).orElseThrow()))
                .forEach(keys::add);
        Optional<RecordedDevice> found = recorded.flatMap(file -> file.device(text.kind()));
        Optional<VirtioKind> kind = VirtioKind.named(text.kind());
        if (found.isEmpty() && kind.isEmpty()) {
            throw text.wrong(kinds().complaint(text.kind()));
        }
        allow(keys);
        FactSheet facts = found.map(RecordedDevice::facts)
                .orElseGet(() -> FactSheet.EMPTY.with(
                        FactName.DEVICE_TYPE,
                        Fact.of(Integer.toString(kind.orElseThrow().id()), "--device " + text.kind())));
        for (Map.Entry<String, String> option : text.options().entrySet()) {
            Optional<FactName> fact = FactName.named(option.getKey());
            if (fact.isPresent()) {
                facts = facts.with(fact.get(), value(fact.get(), option.getValue()));
            }
        }
        facts = withFeatures(facts);
        String name = text.options()
                .getOrDefault("id", found.map(RecordedDevice::name).orElse(text.kind() + "0"));
        return new AskedDevice(
                name, facts, found.isPresent() ? AskedDevice.Origin.RECORDED : AskedDevice.Origin.MADE_UP);
    }

    private NameList kinds() {
        List<String> words = new ArrayList<>();
        recorded.ifPresent(file -> file.devices().forEach(device -> words.add(device.name())));
        words.addAll(VirtioKind.words());
        return NameList.of(recorded.isPresent() ? "recorded device or device kind" : "device kind", words);
    }

    /** There are too many facts to list, so only the nearest is named. */
    private void allow(List<String> keys) {
        for (String key : text.options().keySet()) {
            if (!keys.contains(key)) {
                String nearest = NameList.of("option", keys).nearest(key).orElse(FactName.nearest(key));
                throw text.wrong("no option or fact '%s': did you mean '%s'?".formatted(key, nearest));
            }
        }
    }

    private Fact<String> value(FactName fact, String value) {
        if (!fact.domain().has(value)) {
            throw text.wrong(
                    "%s '%s': give %s".formatted(fact, value, fact.domain().describe()));
        }
        return Fact.of(value, "--device");
    }

    private FactSheet withFeatures(FactSheet facts) {
        String features = text.options().get(FEATURES);
        if (features == null) {
            return facts;
        }
        NameList names = facts.number(FactName.DEVICE_TYPE) == DISK ? FeatureNames.ofDisk() : FeatureNames.ofAny();
        FeatureChanges changes;
        try {
            changes = FeatureChanges.parse(features, names);
        } catch (WrongCallException e) {
            throw text.wrong(e.getMessage());
        }
        FactSheet changed = facts;
        for (ReservedFeature feature : ReservedFeature.values()) {
            Boolean offered = changes.offered().get(feature.name().toLowerCase(Locale.ROOT));
            if (offered != null) {
                if (text.options().containsKey(feature.fact().word())) {
                    throw text.wrong(
                            "%s and features= both speak of one feature: say it once".formatted(feature.fact()));
                }
                changed = changed.with(
                        feature.fact(),
                        Fact.of(offered ? "offered" : "absent", "--device " + FEATURES + "=" + features));
            }
        }
        return changed;
    }
}
