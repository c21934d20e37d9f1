package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** {@code --dump-rings}: what lies in the rings when all is done. */
class DumpRingsTest {

    @Test
    void everyRingIsShownAtTheEnd() {
        CommandCall call =
                CommandCall.of("boot", "--device", "blk,size=1M", "--device", "rng", "--irq", "polled", "--dump-rings");
        assertEquals(0, call.status(), call.err());
        assertTrue(call.out().contains("blk0 queue 0: split ring of 256 entries"), call.out());
        assertTrue(call.out().contains("rng0 queue 0: split ring of"), call.out());
        assertTrue(call.out().contains("0 outstanding"), call.out());
        call.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    @Test
    void withoutTheOptionNoneIsShown() {
        CommandCall call = CommandCall.of("boot", "--device", "blk,size=1M");
        assertFalse(call.out().contains("split ring"), call.out());
    }
}
