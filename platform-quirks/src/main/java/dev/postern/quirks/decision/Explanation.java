package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.RowTrial;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Why a decision came out as it did.
 *
 * @param device the facts about the device, as rows corrected them
 * @param platform the facts about the platform, as rows corrected them
 * @param steps every rule, in order, matched or not; exactly one of them settled the outcome
 * @param trials every quirk row, in order, matched or not
 * @param counterfactuals what would have come of the same facts without each row that mattered
 */
public record Explanation(
        DeviceFacts device,
        PlatformFacts platform,
        List<Step> steps,
        List<RowTrial> trials,
        List<Counterfactual> counterfactuals) {

    /** Takes immutable copies. */
    public Explanation {
        steps = List.copyOf(steps);
        trials = List.copyOf(trials);
        counterfactuals = List.copyOf(counterfactuals);
        long settled = steps.stream()
                .filter(s -> s.finding() instanceof Finding.Settled)
                .count();
        if (settled != 1) {
            throw new IllegalArgumentException("%d steps settle the outcome: exactly one must".formatted(settled));
        }
    }

    /** The step that settled the outcome. */
    public Step settling() {
        return steps.stream()
                .filter(s -> s.finding() instanceof Finding.Settled)
                .findFirst()
                .orElseThrow();
    }

    /** One line for the boot log: the device, the outcome, and the rule that settled it. */
    public String oneLine() {
        Rule rule = settling().rule();
        return switch (outcome()) {
            case Outcome.Proceed proceed ->
                "%s: %s, accepts %s (%s%s)"
                        .formatted(
                                device.name(),
                                proceed.describe(),
                                accepted(),
                                rule,
                                bounced() ? "; " + reaching().get().rule() : "");
            case Outcome.Defer defer -> "%s: %s (%s)".formatted(device.name(), defer.describe(), rule);
            case Outcome.Refuse(String reason) -> "%s: refused by %s: %s".formatted(device.name(), rule.id(), reason);
        };
    }

    /** The whole story, line by line, for a person. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("%s on platform %s: %s"
                .formatted(device.name(), platform.preset().value(), outcome().describe()));
        if (outcome() instanceof Outcome.Refuse(String reason)) {
            lines.add("  reason:  " + reason);
        }
        lines.add("  accepts: " + accepted());
        lines.add("  facts:");
        lines.add("    offered: " + device.offered());
        lines.add("    address bits: " + device.addressBits());
        lines.add("    translation: " + platform.translation());
        lines.add("    reach: " + platform.reach());
        lines.add("    fences: " + platform.fences());
        lines.add("    strictness: " + platform.strictness());
        lines.add("    coherency: " + coherency().word());
        lines.add("  rows that changed facts:");
        for (RowTrial trial : trials) {
            if (!trial.effects().isEmpty()) {
                lines.add("    " + trial.line());
            }
        }
        for (Counterfactual counterfactual : counterfactuals) {
            lines.add("  " + counterfactual);
        }
        lines.add("  rules, in order:");
        for (Step step : steps) {
            lines.add("    " + step.line());
        }
        for (PeerNote note : peers()) {
            lines.add("  peers at %s: %s".formatted(note.rule().id(), note.words()));
        }
        return List.copyOf(lines);
    }

    Outcome outcome() {
        Outcome addressing = ((Finding.Settled) settling().finding()).outcome();
        return addressing instanceof Outcome.Proceed(DmaPlan plan) && bounced()
                ? new Outcome.Proceed(new DmaPlan.Bounced(plan))
                : addressing;
    }

    private boolean bounced() {
        return reaching()
                .filter(step -> ((Finding.Reached) step.finding()).wrapping() == Finding.Wrapping.BOUNCED)
                .isPresent();
    }

    /** The steps that settled something, one for each ladder that was climbed, in order. */
    public List<Step> deciding() {
        return steps.stream()
                .filter(step -> switch (step.finding()) {
                    case Finding.Settled _, Finding.Reached _, Finding.Synced _ -> true;
                    case Finding.NotMatched _, Finding.NotReached _, Finding.Accepted _ -> false;
                })
                .toList();
    }

    /** What others do at the steps that settled addressing and reach; where the device is bounced, reach is what matters most. */
    public List<PeerNote> peers() {
        List<PeerNote> notes = new ArrayList<>();
        List<Step> decisive = new ArrayList<>(reaching().stream().toList());
        decisive.add(bounced() ? decisive.size() : 0, settling());
        for (Step step : decisive) {
            notes.add(new PeerNote(step.rule(), step.rule().peers(device, platform)));
        }
        return List.copyOf(notes);
    }

    /** The step that settled which memory the device reaches; empty when the device is refused. */
    public Optional<Step> reaching() {
        return steps.stream()
                .filter(s -> s.finding() instanceof Finding.Reached)
                .findFirst();
    }

    Set<ReservedFeature> accepted() {
        Set<ReservedFeature> all = EnumSet.noneOf(ReservedFeature.class);
        if (!(outcome() instanceof Outcome.Proceed)) {
            return all;
        }
        for (Step step : steps) {
            switch (step.finding()) {
                case Finding.Accepted(String _, var accept) -> all.addAll(accept);
                case Finding.Settled(String _, var accept, var _) -> all.addAll(accept);
                case Finding.NotMatched _, Finding.NotReached _, Finding.Reached _, Finding.Synced _ -> {
                    // such a rule has no effect
                }
            }
        }
        return all;
    }

    Coherency coherency() {
        return steps.stream()
                .map(Step::finding)
                .filter(Finding.Synced.class::isInstance)
                .map(finding -> ((Finding.Synced) finding).coherency())
                .findFirst()
                .orElse(Coherency.COHERENT);
    }

    boolean sameAnswer(Explanation other) {
        return outcome().equals(other.outcome())
                && accepted().equals(other.accepted())
                && coherency() == other.coherency();
    }

    Explanation with(List<Counterfactual> found) {
        return new Explanation(device, platform, steps, trials, found);
    }
}
