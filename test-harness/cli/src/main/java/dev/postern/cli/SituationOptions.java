package dev.postern.cli;

import dev.postern.cli.device.AskedDevice;
import dev.postern.cli.device.AskedDeviceParser;
import dev.postern.cli.explain.OfferedFeatures;
import dev.postern.cli.explain.Situation;
import dev.postern.cli.explain.Surroundings;
import dev.postern.facts.Fact;
import dev.postern.quirks.FactFile;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.RecordedDevice;
import dev.postern.quirks.decision.Question;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a command says what device it asks about, and what surrounds it. */
final class SituationOptions {

    private static final String PLAIN = "plain";
    private static final String ORDINARY = "blk";

    @Option(
            names = "--platform",
            paramLabel = "PRESET",
            description = "What surrounds the device: a preset such as plain (the default), pseries-svm or q35-dmar.")
    private String platform;

    @Option(
            names = "--facts",
            paramLabel = "FILE",
            description = "A recorded machine in place of a preset; postern doctor --record FILE writes one.")
    private String facts;

    @Option(
            names = "--device",
            paramLabel = "SPEC",
            description = "The device, such as blk,features=+access_platform, or one of the facts file by its name.")
    private String device;

    @Option(names = "--strict", description = "Refuses what a secure guest serves only with reservations.")
    private boolean strict;

    @Mixin
    private FactOptions given = new FactOptions();

    /** Made by the parser. */
    SituationOptions() {}

    /**
     * What the line asks about.
     *
     * @throws WrongCallException when a word is wrong or facts contradict each other
     */
    Situation situation(Map<String, String> environment, Streams streams) {
        return situation(surroundings(), quirks(environment, streams));
    }

    /**
     * The device of the line, or a disk, on a preset. Facts that contradict each other are left to the caller.
     *
     * @param preset a name that is known
     */
    Question on(String preset) {
        return question(Surroundings.preset(preset), device == null ? ORDINARY : device);
    }

    /** The rows that count. */
    QuirkTable quirks(Map<String, String> environment, Streams streams) {
        return given.quirks(environment, streams);
    }

    /** The rows that the line leaves out. */
    List<String> without() {
        return given.without();
    }

    /**
     * Checks that the line names no platform.
     *
     * @throws WrongCallException when it does
     */
    void requireNoPlatform(String command) {
        if (platform != null || facts != null) {
            throw new WrongCallException("%s goes through all presets: leave %s out, or use postern explain"
                    .formatted(command, platform != null ? "--platform" : "--facts"));
        }
    }

    private Situation situation(Surroundings surroundings, QuirkTable quirks) {
        Question question = question(surroundings, spec(surroundings));
        question.contradictions().stream().findFirst().ifPresent(contradiction -> {
            throw new WrongCallException(contradiction.message());
        });
        return new Situation(question, quirks, given.without());
    }

    private Question question(Surroundings surroundings, String spec) {
        AskedDevice asked = AskedDeviceParser.parse(spec, surroundings.recorded());
        FactSheet sheet = surroundings.facts().with(asked.facts()).with(given.claims());
        if (strict) {
            sheet = sheet.with(FactName.STRICTNESS, Fact.of("refuse", "--strict"));
        }
        return new Question(asked.name(), OfferedFeatures.filled(sheet, asked.origin()));
    }

    private Surroundings surroundings() {
        if (facts != null && platform != null) {
            throw new WrongCallException(
                    "--platform and --facts both say what surrounds the device: give one, or preset = \"%s\" in the file"
                            .formatted(platform));
        }
        return facts != null ? Surroundings.recorded(facts) : Surroundings.preset(platform == null ? PLAIN : platform);
    }

    /** The device of the line; a file that has one device needs none. */
    private String spec(Surroundings surroundings) {
        if (device != null) {
            return device;
        }
        List<String> recorded = surroundings.recorded().map(FactFile::devices).orElse(List.of()).stream()
                .map(RecordedDevice::name)
                .toList();
        if (recorded.size() != 1) {
            throw new WrongCallException(
                    recorded.isEmpty()
                            ? "no device: write --device with one, such as --device blk,features=+access_platform"
                            : "no device: write --device with one of " + String.join(", ", recorded));
        }
        return recorded.getFirst();
    }
}
