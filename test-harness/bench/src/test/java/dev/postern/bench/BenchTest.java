package dev.postern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaDirection;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BenchTest {

    private static final DmaCase SMALL =
            new DmaCase(MappingPlan.BOUNCED, 64, DmaDirection.FROM_DEVICE, 2, PoolFill.NEARLY_FULL);

    @Test
    void aTinyBenchmarkStarts() throws Exception {
        Pairs pairs = new Pairs(1, 0, 1, 0, 10);
        DmaRow row =
                DmaRow.of(SMALL, pairs.measure(DmaBench.class, "mapped", "bare", SMALL.parameters(), SMALL.threads()));
        assertTrue(row.ns() > 0 && row.bareNs() > 0, row.toString());
    }

    @Test
    void resultsComeAsTableAndAsDocument() {
        List<DmaRow> rows = List.of(new DmaRow(SMALL, 30, 12, 18, 0.5));
        assertTrue(DmaTable.of(rows).contains("bounced        64 FROM_DEVICE        2 nearly full        30.0"));
        assertEquals("""
            {
              "schema": "postern.bench.dma/1",
              "rows": [
                {"plan": "BOUNCED", "bytes": 64, "direction": "FROM_DEVICE", "threads": 2, "fill": "NEARLY_FULL", "ns": 30.00, "bareNs": 12.00, "overNs": 18.00, "ratio": 2.500, "error": 0.50}
              ]
            }
            """, DmaDocument.of(rows));
    }

    @Test
    void aWrongCallIsRefusedWithTheRightOne() {
        for (List<String> args : List.of(List.<String>of(), List.of("disk"), List.of("dma", "--fast"))) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertEquals(2, Bench.run(args, new PrintStream(out), new PrintStream(err)));
            assertTrue(
                    err.toString().contains("bench dma|decide|boot|digest|ring|latency|vhost-blk [--json] [--quick]"));
            assertEquals("", out.toString());
        }
    }

    @Test
    void thereIsACaseForEverySizeThreadCountAndFill() {
        assertEquals(32, DmaCase.all().size());
        assertEquals(7, DmaCase.quick().size());
    }
}
