package dev.postern.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.facts.Fact;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PoolSizeTest {

    private static final long MIB = 1 << 20;

    @Test
    void withoutAWordOfTheRowsItGrowsTo32Mib() {
        assertEquals(new PoolSize(4 * MIB, 32 * MIB), PoolSize.suiting(FactSheet.EMPTY, 128 * MIB, 128 * MIB));
    }

    @ParameterizedTest
    @CsvSource({"512,64", "2048,122", "65536,1024"})
    void rowsLetItGrowToAPartOfRamBetweenTwoBounds(long ramMib, long mostMib) {
        PoolSize size = PoolSize.suiting(rows(), ramMib * MIB, ramMib * MIB);
        assertEquals(mostMib, size.mostBytes() / MIB);
        assertEquals(0, size.mostBytes() % 65536);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7, 16, 63, 100})
    void itIsLegalInAnySpaceAndLeavesHalfOfIt(long mib) {
        PoolSize pool = PoolSize.suiting(rows(), mib * MIB, mib * MIB);
        assertEquals(0, pool.initialBytes() % 65536);
        assertEquals(0, pool.mostBytes() % 65536);
        assertTrue(pool.initialBytes() >= 65536, pool.toString());
        assertTrue(pool.initialBytes() <= pool.mostBytes(), pool.toString());
        assertTrue(pool.mostBytes() <= mib * MIB / 2, pool.toString());
    }

    private static FactSheet rows() {
        FactSheet sheet = FactSheet.EMPTY;
        for (var fact : Map.of(
                        FactName.POOL_PERCENT, "6",
                        FactName.POOL_MIN_MIB, "64",
                        FactName.POOL_MAX_MIB, "1024")
                .entrySet()) {
            sheet = sheet.with(fact.getKey(), Fact.of(fact.getValue(), "test"));
        }
        return sheet;
    }
}
