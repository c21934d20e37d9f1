package dev.postern.quirks.decision;

import dev.postern.dma.DmaPlan;
import dev.postern.quirks.RowTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        Answer.of(steps);
    }

    /** The step that settled the outcome. */
    public Step settling() {
        for (Step step : steps) {
            if (step.finding() instanceof Finding.Settled) {
                return step;
            }
        }
        throw new IllegalStateException("no step settles the outcome");
    }

    /** One line for the boot log: the device, the outcome, and the rule that settled it. */
    public String oneLine() {
        Rule rule = settling().rule();
        Answer answer = answer();
        // Not a switch on types: it spins a class at every start.
        String name = device.name();
        if (answer.outcome() instanceof Outcome.Refuse(String reason)) {
            return name + ": refused by " + rule.id() + ": " + reason;
        }
        String words = name + ": " + answer.outcome().describe();
        if (!(answer.outcome() instanceof Outcome.Proceed(DmaPlan plan))) {
            return words + " (" + rule + ")";
        }
        String reach = plan instanceof DmaPlan.Bounced
                ? "; " + reaching().orElseThrow().rule()
                : "";
        return words + ", accepts " + answer.accepted() + " (" + rule + reach + ")";
    }

    /** The whole story, line by line, for a person. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        Answer answer = answer();
        lines.add(device.name() + " on platform " + platform.preset().value() + ": "
                + answer.outcome().describe());
        if (answer.outcome() instanceof Outcome.Refuse(String reason)) {
            lines.add("  reason:  " + reason);
        }
        lines.add("  accepts: " + answer.accepted());
        lines.add("  facts:");
        lines.add("    offered: " + device.offered());
        lines.add("    address bits: " + device.addressBits());
        lines.add("    translation: " + platform.translation());
        lines.add("    reach: " + platform.reach());
        lines.add("    fences: " + platform.fences());
        lines.add("    strictness: " + platform.strictness());
        lines.add("    coherency: " + answer.coherency().word());
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

    /** What the rules came to. */
    Answer answer() {
        return Answer.of(steps);
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
        boolean bounced =
                answer().outcome() instanceof Outcome.Proceed(DmaPlan plan) && plan instanceof DmaPlan.Bounced;
        decisive.add(bounced ? decisive.size() : 0, settling());
        for (Step step : decisive) {
            notes.add(new PeerNote(step.rule(), step.rule().peers(device, platform)));
        }
        return List.copyOf(notes);
    }

    /** The step that settled which memory the device reaches; empty when the device is refused. */
    public Optional<Step> reaching() {
        for (Step step : steps) {
            if (step.finding() instanceof Finding.Reached) {
                return Optional.of(step);
            }
        }
        return Optional.empty();
    }
}
