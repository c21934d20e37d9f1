package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The clauses that tests name exist, and the page about them is written where the build puts its results. */
class ClausePageTest {

    /** Immunity rows that the table has. */
    private static final int IMMUNITY_ROWS = 44;

    private static final ClauseTable TABLE = ClauseTable.load();
    private static final SortedMap<String, Set<String>> TESTS = new TreeMap<>();
    private static final Set<Integer> ROWS = new TreeSet<>();
    private static Path classes;

    @BeforeAll
    static void collect() throws Exception {
        classes = Path.of(URI.create(ClausePageTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString()));
        try (Stream<Path> files = Files.walk(classes)) {
            List<String> names = files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith("Test.class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .toList();
            for (String name : names) {
                Class<?> one = Class.forName(name);
                note(one, one.getSimpleName());
                for (Method method : one.getDeclaredMethods()) {
                    note(method, one.getSimpleName() + "." + method.getName());
                }
            }
        }
    }

    private static void note(AnnotatedElement element, String name) {
        Clause clause = element.getAnnotation(Clause.class);
        if (clause != null) {
            for (String id : clause.value()) {
                TESTS.computeIfAbsent(id, key -> new TreeSet<>()).add(name);
            }
        }
        Immunity immunity = element.getAnnotation(Immunity.class);
        if (immunity != null) {
            for (int row : immunity.value()) {
                ROWS.add(row);
            }
        }
    }

    @Test
    void everyClauseThatATestNamesExistsAndIsTheDrivers() {
        assertFalse(TESTS.isEmpty());
        TESTS.forEach((id, tests) -> {
            ClauseTable.Clause clause = TABLE.clauses().get(id);
            assertNotNull(clause, id + " is named by " + tests);
            // The device's clauses are shown by the tests of the emulated machine, which do not know this annotation.
            assertEquals("driver", clause.side(), id + " is named by " + tests);
        });
    }

    @Test
    void everyRowOfTheImmunityTableThatATestNamesExists() {
        assertFalse(ROWS.isEmpty());
        ROWS.forEach(row -> assertTrue(row >= 1 && row <= IMMUNITY_ROWS, "row " + row));
    }

    @Test
    void thePageIsWrittenAndItsCountsAddUp() throws Exception {
        ClausePage page = new ClausePage(TABLE, TESTS);
        assertEquals(Set.of(), page.contradictory());
        assertEquals(List.of(), page.open(), "clauses with neither a test nor a reason");
        String text = page.markdown();
        assertFalse(text.contains("**open**"));
        Files.writeString(classes.resolveSibling("clauses.md"), text);
    }

    @Test
    void aClauseWithNeitherTestNorReasonIsOpen() {
        ClausePage page = new ClausePage(TABLE, new TreeMap<String, Set<String>>());
        assertEquals(0, page.shown());
        assertTrue(page.open().contains("content:61"));
        assertFalse(page.open().contains("blk:943"), "it has a reason");
        assertTrue(page.markdown().contains("| content:61 | MUST | **open** |"));
    }
}
