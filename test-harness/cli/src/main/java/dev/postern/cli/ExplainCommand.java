package dev.postern.cli;

import dev.postern.cli.explain.Explained;
import dev.postern.cli.report.ExplanationDocument;
import dev.postern.cli.report.ExplanationLog;
import dev.postern.cli.report.Palette;
import dev.postern.cli.words.NameList;
import dev.postern.quirks.decision.PlanKind;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code postern explain}: how a device would reach memory, and why, without any machine. */
@Command(
        name = "explain",
        description = "Says how a device would reach memory on a platform, why, and what would change it.",
        sortOptions = false,
        footer = {
            "",
            "A device SPEC is that of postern boot, with facts by their words besides:",
            "  blk                                                offers VERSION_1, not ACCESS_PLATFORM",
            "  blk,features=+access_platform                      offers both",
            "  net,transport=legacy-pci    blk,address-bits=32    gpu,port=external-facing",
            "  blk,transport=vhost-user,backend=vhost-user        behind a socket",
            "Plans: direct, bounced, translated, granted, page-translated, refused, deferred.",
            "",
            "  postern explain --platform pseries-svm --device blk",
            "  postern explain --platform q35-dmar --device blk --why-not translated",
            "  postern explain --facts machine.toml --device virtio0 --verbose"
        })
final class ExplainCommand implements Callable<Integer> {

    private final Streams streams;
    private final Map<String, String> environment;

    @Mixin
    private SituationOptions options = new SituationOptions();

    @Option(
            names = "--why-not",
            paramLabel = "PLAN",
            description = "Says which rule prevented a plan, and which facts would have to differ.")
    private String whyNot;

    @Option(
            names = {"-v", "--verbose"},
            description = "Adds every rule and row that was tried, matched or not, and all facts.")
    private boolean verbose;

    @Option(names = "--json", description = "One JSON document on standard output, with everything.")
    private boolean json;

    ExplainCommand(Streams streams, Map<String, String> environment) {
        this.streams = streams;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        return new Answer(streams, ExplanationDocument.SCHEMA, json ? Answer.Form.JSON : Answer.Form.TEXT)
                .of(this::explain);
    }

    private int explain() {
        Optional<PlanKind> wanted = Optional.ofNullable(whyNot)
                .map(NameList.of("plan", PlanKind.words())::require)
                .flatMap(PlanKind::named);
        Explained explained = Explained.of(options.situation(environment, streams), wanted);
        if (json) {
            streams.out().println(ExplanationDocument.of(explained));
            return ExitStatus.DONE;
        }
        ExplanationLog log =
                new ExplanationLog(streams.out(), streams.terminal().colourOutput() ? Palette.COLOUR : Palette.PLAIN);
        log.print(explained);
        if (verbose) {
            log.printTrials(explained.decision().explanation());
        }
        return ExitStatus.DONE;
    }
}
