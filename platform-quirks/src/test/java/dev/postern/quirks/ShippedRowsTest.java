package dev.postern.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ShippedRowsTest {

    private static List<QuirkFile> files() throws IOException, URISyntaxException {
        return QuirkCompiler.shippedIn(
                Path.of(QuirkTable.class.getResource("10-secure.toml").toURI()).getParent());
    }

    @Test
    void theCompiledRowsAreThoseOfTheFiles() throws Exception {
        List<QuirkRow> rows =
                files().stream().flatMap(file -> file.rows().stream()).toList();
        assertEquals(rows, QuirkTable.shipped().rows());
        assertTrue(rows.size() > 50, () -> rows.size() + " rows");
    }

    @Test
    void nothingIsWrongWithTheShippedFiles() throws Exception {
        assertEquals(List.of(), QuirkCompiler.complaints(files()));
    }

    @Test
    void aTraceSaysOfEachRowWhetherItMatchedAndWhyNot() {
        Corrected corrected = QuirkTable.shipped()
                .correct(FactSheet.EMPTY.with(FactName.PROTECTION, Fact.of("tdx", "CPUID leaf 0x21")));
        assertEquals(QuirkTable.shipped().rows().size(), corrected.trials().size());
        RowTrial tdx = trial(corrected, "tdx");
        assertTrue(tdx.matched() && tdx.line().contains("reach: all-of-ram -> shared-pages-only"), tdx::line);
        RowTrial sev = trial(corrected, "sev");
        assertTrue(sev.line().contains("protection = sev wanted; protection = tdx (CPUID leaf 0x21)"), sev::line);
    }

    private static RowTrial trial(Corrected corrected, String id) {
        return corrected.trials().stream()
                .filter(trial -> trial.row().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aLaterRowWinsAndSeesWhatEarlierOnesSet() {
        QuirkRow first = row("first", new Condition(FactName.DEVICE_TYPE, List.of("0")), "32");
        QuirkRow second = row("second", new Condition(FactName.BUS_BITS, List.of("32")), "36");
        FactSheet after =
                QuirkTable.of(List.of(first, second)).correct(FactSheet.EMPTY).facts();
        assertEquals("bus-bits = 36 (row second at t.toml:1)", after.describe(FactName.BUS_BITS));
        assertEquals(
                "64",
                QuirkTable.of(List.of(second)).correct(FactSheet.EMPTY).facts().value(FactName.BUS_BITS));
    }

    private static QuirkRow row(String id, Condition condition, String bits) {
        return new QuirkRow(
                id,
                "title",
                List.of(condition),
                Map.of(FactName.BUS_BITS, bits),
                "reason",
                "source",
                new TestVector(Map.of(), Map.of()),
                new Place("t.toml", 1));
    }

    @Test
    void anUnknownRowIsRefused() {
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> QuirkTable.shipped().without("none-such"))
                .getMessage()
                .contains("quirks list"));
    }

    @Test
    void everyUsualValueIsInItsDomain() {
        for (FactName fact : FactName.values()) {
            assertTrue(fact.domain().has(fact.usual()), fact::word);
            assertEquals(fact, FactName.named(fact.word()).orElseThrow());
        }
    }
}
