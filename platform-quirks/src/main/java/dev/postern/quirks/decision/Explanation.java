package dev.postern.quirks.decision;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Why a decision came out as it did.
 *
 * @param device the facts about the device
 * @param platform the facts about the platform
 * @param steps every rule, in order, matched or not; exactly one of them settled the outcome
 */
public record Explanation(DeviceFacts device, PlatformFacts platform, List<Step> steps) {

    /** Takes an immutable copy of the steps. */
    public Explanation {
        steps = List.copyOf(steps);
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
                "%s: %s, accepts %s (%s)".formatted(device.name(), proceed.describe(), accepted(), rule);
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
        lines.add("    fences: " + platform.fences());
        lines.add("  rules, in order:");
        for (Step step : steps) {
            lines.add("    " + step.line());
        }
        lines.add("  peers at %s: %s"
                .formatted(settling().rule().id(), settling().rule().peers()));
        return List.copyOf(lines);
    }

    Outcome outcome() {
        return ((Finding.Settled) settling().finding()).outcome();
    }

    Set<ReservedFeature> accepted() {
        Set<ReservedFeature> all = EnumSet.noneOf(ReservedFeature.class);
        if (outcome() instanceof Outcome.Refuse) {
            return all;
        }
        for (Step step : steps) {
            switch (step.finding()) {
                case Finding.Accepted(String _, var accept) -> all.addAll(accept);
                case Finding.Settled(String _, var accept, var _) -> all.addAll(accept);
                case Finding.NotMatched _, Finding.NotReached _ -> {
                    // such a rule has no effect
                }
            }
        }
        return all;
    }
}
