package dev.postern.quirks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.quirks.QuirkRow;
import dev.postern.quirks.QuirkTable;
import org.junit.jupiter.api.Test;

final class VectorRunTest {

    @Test
    void everyShippedRowAndRuleTellsWhatItIsFor() {
        for (QuirkRow row : QuirkTable.shipped().rows()) {
            assertTrue(VectorRun.of(row, QuirkTable.shipped()).tells(), row::toString);
        }
        for (Rule rule : Rule.inOrder()) {
            assertTrue(VectorRun.of(rule, QuirkTable.shipped()).orElseThrow().tells(), rule::toString);
        }
    }

    @Test
    void aRunShowsWhatComesWithAndWithoutTheRow() {
        VectorRun run = VectorRun.of(QuirkTable.shipped().row("pseries-svm").orElseThrow(), QuirkTable.shipped());
        assertEquals("Bounced over Direct", run.with().get("plan"));
        assertEquals("Direct", run.without().get("plan"));
    }

    @Test
    void aRowThatChangesNothingTellsNothing() {
        QuirkRow tdx = QuirkTable.shipped().row("tdx").orElseThrow();
        QuirkRow sev = QuirkTable.shipped().row("sev").orElseThrow();
        QuirkRow idle = new QuirkRow("idle", "t", tdx.match(), sev.set(), "r", "s", sev.vector(), tdx.where());
        QuirkTable with = QuirkTable.of(java.util.List.of(idle));
        assertFalse(VectorRun.of(idle, with).tells());
    }
}
