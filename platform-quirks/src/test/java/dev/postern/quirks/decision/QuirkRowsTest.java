package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.FactName;
import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class QuirkRowsTest {

    static Stream<QuirkRow> rows() {
        return QuirkTable.shipped().rows().stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theVectorOfARowHoldsAndFailsWithoutTheRow(QuirkRow row) {
        Map<String, String> expect = row.vector().expect();
        Decision with = Answers.decide(row.vector().given(), QuirkTable.shipped(), Rule.inOrder());
        assertEquals(expect, sorted(expect, Answers.part(with, expect)), () -> row + "\n" + story(with));
        Decision without =
                Answers.decide(row.vector().given(), QuirkTable.shipped().without(row.id()), Rule.inOrder());
        assertFalse(Answers.meets(without, expect), () -> row + " changes nothing that its vector expects");
    }

    private static Map<String, String> sorted(Map<String, String> order, Map<String, String> values) {
        Map<String, String> sorted = new TreeMap<>(values);
        assertEquals(order.keySet(), sorted.keySet());
        return sorted;
    }

    private static String story(Decision decision) {
        return String.join("\n", decision.explanation().lines());
    }

    /** All 68 rows of the reference became rules or rows, and no row came from elsewhere. */
    @Test
    void everyRowOfTheReferenceHasARuleOrARow() throws IOException {
        Set<String> ids = new TreeSet<>(rows().map(QuirkRow::id).toList());
        Set<String> rules = Rule.inOrder().stream().map(Rule::id).collect(Collectors.toSet());
        List<Integer> numbers = new ArrayList<>();
        Set<String> used = new TreeSet<>();
        for (String line : resource("/dev/postern/quirks/reference.tsv").lines().toList()) {
            if (!line.startsWith("#")) {
                String[] fields = line.split("\t");
                numbers.add(Integer.parseInt(fields[0]));
                assertTrue(fields.length == 2 && !fields[1].isBlank(), line);
                for (String id : fields[1].split(" ")) {
                    assertTrue(ids.contains(id) || rules.contains(id), line);
                    used.add(id);
                }
            }
        }
        assertEquals(IntStream.rangeClosed(1, 68).boxed().toList(), numbers);
        used.retainAll(ids);
        assertEquals(ids, used);
    }

    @Test
    void aRowThatMattersLeavesItsCounterfactualAndItsPlaceInTheExplanation() {
        Decision decision =
                Answers.decide(Map.of(FactName.PROTECTION, "pseries-svm"), QuirkTable.shipped(), Rule.inOrder());
        Counterfactual only = decision.explanation().counterfactuals().getFirst();
        assertEquals("pseries-svm", only.row().id());
        assertEquals("Direct", only.outcome().describe());
        assertEquals("Bounced over Direct", decision.outcome().describe());
        assertTrue(
                story(decision).contains(only.row().where().toString())
                        && only.row().where().toString().startsWith("10-secure.toml:"),
                story(decision));
    }

    static String resource(String name) throws IOException {
        try (InputStream in = QuirkRowsTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
