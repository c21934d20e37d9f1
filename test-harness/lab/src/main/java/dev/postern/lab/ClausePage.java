package dev.postern.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The page that lists every mandatory driver clause of what Postern implements, with the tests that show it or the reason why
 * none shows it. What has neither is open, and counted.
 */
public final class ClausePage {

    /** The areas of the specification that Postern implements today. */
    public static final Set<String> AREAS = Set.of(
            "basic:core facilities",
            "basic:init/cleanup/suspend",
            "basic:split ring",
            "basic:packed ring",
            "basic:reserved feature bits",
            "transport:PCI",
            "dev:blk",
            "dev:entropy");

    private final ClauseTable table;
    private final Map<String, ? extends Set<String>> tests;
    private final List<ClauseTable.Clause> listed;

    /**
     * A page about these tests.
     *
     * @param tests names of tests by clause id; a clause that is not listed here is allowed
     */
    public ClausePage(ClauseTable table, Map<String, ? extends Set<String>> tests) {
        this.table = table;
        this.tests = tests;
        listed = table.clauses().values().stream()
                .filter(clause -> clause.side().equals("driver") && clause.mandatory() && AREAS.contains(clause.area()))
                .toList();
    }

    /** How many clauses a test shows. */
    public long shown() {
        return listed.stream().filter(clause -> !testsOf(clause).isEmpty()).count();
    }

    /** The clauses that have neither a test nor a reason, in the order of the specification. */
    public List<String> open() {
        return listed.stream()
                .filter(clause -> testsOf(clause).isEmpty() && reasonOf(clause) == null)
                .map(ClauseTable.Clause::id)
                .toList();
    }

    /** The clauses that have both a test and a reason why none shows them: one of the two is wrong. */
    public SortedSet<String> contradictory() {
        SortedSet<String> both = new TreeSet<>(table.notApplicable().keySet());
        both.retainAll(tests.keySet());
        return both;
    }

    /** The page in Markdown. */
    public String markdown() {
        List<String> lines = new ArrayList<>();
        long excused = listed.size() - shown() - open().size();
        lines.add("# Driver clauses of virtio 1.4 and their tests");
        lines.add("");
        lines.add(
                "Every driver MUST and MUST NOT of the areas that Postern implements: %d clauses, %d shown by a test, %d with a reason why not, %d open."
                        .formatted(listed.size(), shown(), excused, open().size()));
        lines.add("An id is file and line of the specification's source, v1.4-cs01.");
        String area = "";
        for (ClauseTable.Clause clause : listed) {
            if (!clause.area().equals(area)) {
                area = clause.area();
                lines.addAll(List.of("", "## " + area, "", "| clause | | |", "|---|---|---|"));
            }
            lines.add("| %s | %s | %s |".formatted(clause.id(), clause.keyword(), standing(clause)));
        }
        return String.join("\n", lines) + "\n";
    }

    private String standing(ClauseTable.Clause clause) {
        if (!testsOf(clause).isEmpty()) {
            return String.join("<br>", testsOf(clause));
        }
        return reasonOf(clause) == null ? "**open**" : "not shown: " + reasonOf(clause);
    }

    private Set<String> testsOf(ClauseTable.Clause clause) {
        Set<String> names = tests.get(clause.id());
        return names == null ? Set.of() : new TreeSet<>(names);
    }

    private String reasonOf(ClauseTable.Clause clause) {
        return table.notApplicable().get(clause.id());
    }
}
