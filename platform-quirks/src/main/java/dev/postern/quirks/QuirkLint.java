package dev.postern.quirks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds what is wrong among rows that are right one by one. */
public final class QuirkLint {

    private QuirkLint() {}

    /**
     * Checks rows in the order in which they would be tried.
     *
     * @return a complaint for each row that has the id of an earlier one, that can never match, or that a later one hides
     */
    public static List<Complaint> check(List<QuirkRow> rows) {
        List<Complaint> complaints = new ArrayList<>();
        Map<String, QuirkRow> seen = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            QuirkRow row = rows.get(i);
            QuirkRow earlier = seen.putIfAbsent(row.id(), row);
            if (earlier != null) {
                complaints.add(at(
                        row,
                        "the id \"%s\" is that of the row at %s: rename one".formatted(row.id(), earlier.where())));
            }
            neverMatches(row, complaints);
            hidden(row, rows.subList(i + 1, rows.size()), complaints);
        }
        return complaints;
    }

    private static Complaint at(QuirkRow row, String message) {
        return new Complaint(row.where().file(), row.where().line(), 1, message);
    }

    /** A condition on a number that no number meets, or one that contradicts what another condition of the row says. */
    private static void neverMatches(QuirkRow row, List<Complaint> complaints) {
        for (Condition condition : row.match()) {
            if (condition.fact().domain() instanceof Domain.Number(long lowest, long highest)) {
                boolean possible = condition.alternatives().stream()
                        .map(Comparison::of)
                        .anyMatch(
                                comparison -> FactName.named(comparison.bound()).isPresent()
                                        || condition.fact().domain().has(comparison.bound()));
                if (!possible) {
                    complaints.add(at(row, "the row %s can never match: %s".formatted(row.id(), condition)));
                }
            }
        }
        contradiction(row, FactName.IOMMU_KIND, "none", FactName.IOMMU_STATE, Set.of("no-driver", "not-up", "up"))
                .ifPresent(complaints::add);
        contradiction(row, FactName.XEN, "none", FactName.XEN_INITIAL_DOMAIN, Set.of("yes"))
                .ifPresent(complaints::add);
        contradiction(row, FactName.TRANSPORT, "legacy-pci", FactName.VERSION_1, Set.of("offered"))
                .ifPresent(complaints::add);
        contradiction(row, FactName.TRANSPORT, "legacy-mmio", FactName.VERSION_1, Set.of("offered"))
                .ifPresent(complaints::add);
        contradiction(row, FactName.TRANSPORT, "legacy-pci", FactName.ACCESS_PLATFORM, Set.of("offered"))
                .ifPresent(complaints::add);
    }

    private static Optional<Complaint> contradiction(
            QuirkRow row, FactName one, String value, FactName other, Set<String> excluded) {
        boolean first = row.match().stream()
                .anyMatch(c -> c.fact() == one && c.alternatives().equals(List.of(value)));
        boolean second =
                row.match().stream().anyMatch(c -> c.fact() == other && excluded.containsAll(c.alternatives()));
        return first && second
                ? Optional.of(at(
                        row,
                        "the row %s can never match: %s = %s excludes its %s".formatted(row.id(), one, value, other)))
                : Optional.empty();
    }

    /** A later row that applies wherever this one does and sets all that it sets leaves nothing of it. */
    private static void hidden(QuirkRow row, List<QuirkRow> later, List<Complaint> complaints) {
        Set<FactName> read = new HashSet<>();
        for (QuirkRow other : later) {
            // A row in between that asks for what this one sets makes use of it.
            other.match().forEach(condition -> read.add(condition.fact()));
            boolean used = row.set().keySet().stream().anyMatch(read::contains);
            if (used) {
                return;
            }
            if (other.set().keySet().containsAll(row.set().keySet()) && covers(other, row)) {
                complaints.add(at(
                        row,
                        "the row %s is hidden by %s, which sets the same wherever it applies"
                                .formatted(row.id(), other)));
                return;
            }
        }
    }

    /** Whether each condition of one row holds wherever another row's conditions do. */
    private static boolean covers(QuirkRow wide, QuirkRow narrow) {
        return wide.match().stream()
                .allMatch(condition -> narrow.match().stream()
                        .anyMatch(c -> c.fact() == condition.fact()
                                && condition.alternatives().containsAll(c.alternatives())));
    }
}
