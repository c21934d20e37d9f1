package dev.postern.quirks.linux;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.decision.Decision;
import dev.postern.quirks.decision.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An answer in words that both rules share.
 *
 * @param plan {@code refused}, {@code deferred}, or how addresses are made: {@code physical}, {@code offset}, {@code table},
 *     {@code translated}, {@code grants}, {@code page-translated}, with {@code bounced over} before it when
 *     bytes are copied, {@code partly bounced over} when that leaves private pages to the device, or {@code partly unmappable over}
 * @param accepted the reserved features accepted, in the order of their bits; {@code -} when refused or deferred
 * @param caches {@code left alone} or {@code maintained}; {@code -} when refused or deferred
 */
record CoarseAnswer(String plan, String accepted, String caches) {

    private static final String NOT_DRIVEN = "-";

    /** What Linux answers; small buffers that bounce for the sake of cache lines count as care for caches, not as bounced. */
    static CoarseAnswer of(LinuxAnswer answer, InputSpace.Input input) {
        return switch (answer) {
            case LinuxAnswer.Refused _ -> new CoarseAnswer("refused", NOT_DRIVEN, NOT_DRIVEN);
            case LinuxAnswer.Deferred _ -> new CoarseAnswer("deferred", NOT_DRIVEN, NOT_DRIVEN);
            case LinuxAnswer.Served served ->
                new CoarseAnswer(
                        wrapping(served) + addresses(served, input),
                        words(served.accepted().stream()),
                        switch (served.cacheCare()) {
                            // Whether from knowledge or from neglect, nothing is done.
                            case COHERENT, NEGLECTED -> "left alone";
                            case MAINTAINED -> "maintained";
                        });
        };
    }

    private static String wrapping(LinuxAnswer.Served served) {
        return switch (served.bounce()) {
            case NEVER, SHARED_CACHE_LINES, SCATTERED_MACHINE_FRAMES -> "";
            case PARTS_OF_PAGES, BEYOND_REACH ->
                // Enough where only reach or padding is at stake, and not where every page must be a shared one.
                served.view() == DeviceView.PRIVATE_MEMORY ? "partly bounced over " : "bounced over ";
            case ALWAYS -> "bounced over ";
            case FAILS_BEYOND_REACH -> "partly unmappable over ";
        };
    }

    private static String addresses(LinuxAnswer.Served served, InputSpace.Input input) {
        return switch (served.form()) {
            // The shared alias of a realm is the pool's address there; the plan of ours does not say which alias.
            case PHYSICAL, SHARED_BIT -> "physical";
            case OFFSET, ENCRYPTION_BIT -> offset(served.offset());
            case RANGES -> ranges(input);
            case PIECEWISE -> "table";
            case IOVA -> "translated";
            case GRANT -> "grants";
            case MACHINE -> "page-translated";
        };
    }

    private static String ranges(InputSpace.Input input) {
        List<Long> offsets = BusDmaRegion.of(input.sheet()).stream()
                .map(region -> region.dmaStart() - region.cpuStart())
                .distinct()
                .toList();
        return offsets.size() == 1 ? offset(offsets.getFirst()) : "table";
    }

    private static String offset(long offset) {
        return offset == 0 ? "physical" : "offset 0x%x".formatted(offset);
    }

    /** What ours decides. */
    static CoarseAnswer of(Decision decision) {
        return switch (decision.outcome()) {
            case Outcome.Refuse _ -> new CoarseAnswer("refused", NOT_DRIVEN, NOT_DRIVEN);
            case Outcome.Defer _ -> new CoarseAnswer("deferred", NOT_DRIVEN, NOT_DRIVEN);
            case Outcome.Proceed proceed ->
                new CoarseAnswer(
                        plan(proceed.plan()),
                        words(decision.accept().stream()),
                        switch (decision.coherency()) {
                            case COHERENT -> "left alone";
                            case NON_COHERENT -> "maintained";
                        });
        };
    }

    private static String plan(DmaPlan plan) {
        return switch (plan) {
            case DmaPlan.Direct direct -> offset(direct.offset());
            case DmaPlan.Translated _ -> "translated";
            case DmaPlan.Granted _ -> "grants";
            case DmaPlan.PageTranslated _ -> "page-translated";
            case DmaPlan.Bounced bounced -> "bounced over " + plan(bounced.inner());
        };
    }

    private static String words(Stream<? extends Enum<?>> features) {
        return features.sorted(Comparator.comparing(feature -> feature.ordinal()))
                .map(Enum::name)
                .collect(Collectors.joining("+"));
    }

    /** Whether the device is driven. */
    boolean driven() {
        return !caches.equals(NOT_DRIVEN);
    }

    /**
     * The parts in which this answer, Linux's, and ours are not alike. Of a device that either leaves alone only the plan is compared.
     */
    List<Difference> unlike(CoarseAnswer ours) {
        List<Difference> unlike = new ArrayList<>();
        note(unlike, "plan", plan, ours.plan);
        if (driven() && ours.driven()) {
            note(unlike, "accepted", accepted, ours.accepted);
            note(unlike, "caches", caches, ours.caches);
        }
        return unlike;
    }

    private static void note(List<Difference> unlike, String part, String linux, String ours) {
        if (!linux.equals(ours)) {
            unlike.add(new Difference(part, linux, ours));
        }
    }

    /**
     * One part in which answers differ.
     *
     * @param part plan, accepted or caches
     * @param linux Linux's word
     * @param postern ours
     */
    record Difference(String part, String linux, String postern) {}
}
