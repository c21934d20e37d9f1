package dev.postern.quirks;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DomainTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0x40000000+0x40000000=0x0",
                "0x0+0x10000000000=0x8000000000000 0x20000000000+4096=0",
                "0xfffffffffffff000+0x1000=0x0",
                "0x0+0x1000=0x0 0x0+0x1000=0x100000"
            })
    void rangesThatABusCanHaveAreTaken(String ranges) {
        assertTrue(FactName.DMA_RANGES.domain().has(ranges));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x0",
                "0x0+0x1000",
                "0x0=0x1000+0x0",
                "0x0+0x1000=0x0,0x2000+0x1000=0x0",
                "0x0+0x0=0x0",
                "0xfffffffffffff000+0x1001=0x0",
                "0x0+0x2000=0xfffffffffffff000",
                "0x0+0x1000=0x10000000000000000",
                "a+b=c",
                "0x0+0x1000=0x0\t0x2000+0x1000=0x0"
            })
    void whatIsNoRangeIsNot(String ranges) {
        assertFalse(FactName.DMA_RANGES.domain().has(ranges));
    }
}
