package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device advises about sizes: taken as advice, never so seriously that nonsense does harm (rows 12 and 13). */
class BlkTopologyTest {

    private static final int TOPOLOGY = 10;

    @Test
    void adviceIsInBlocksAndGivenInBytes() throws Exception {
        BlkBench bench = bench(4096, 1, 2, 16, 256);
        assertEquals(
                Optional.of(new BlkTopology(8192, 2 * 4096, 16 * 4096, 256 * 4096)),
                bench.open().configuration().topology());
    }

    @Test
    void theLargestValuesOverflowNothing() throws Exception {
        BlkBench bench = bench(1 << 20, 6, 255, 65535, -1);
        bench.transport.config.putInt(8, 1 << 20);
        assertEquals(
                Optional.of(new BlkTopology(64L << 20, 255L << 20, 65535L << 20, 0xffff_ffffL << 20)),
                bench.open().configuration().topology());
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 31, 32, 63, 64, 255})
    void aPhysicalBlockThatMakesNoSenseIsNoAdviceAndNoHarm(int exponent) throws Exception {
        BlkBench bench = bench(512, exponent, 0, 0, 0);
        BlkDevice disk = bench.open();
        assertEquals(Optional.empty(), disk.configuration().topology());
        disk.read(0, bench.buffer(512), 512);
    }

    @Test
    void withoutTheFeatureThereIsNone() throws Exception {
        BlkBench bench = bench(512, 3, 0, 8, 8);
        bench.transport.offered = BlkBench.FEATURES;
        assertEquals(Optional.empty(), bench.open().configuration().topology());
    }

    private static BlkBench bench(int block, int exponent, int offset, int least, int best) {
        BlkBench bench = BlkBench.polled();
        bench.transport.offered = BlkBench.FEATURES.with(TOPOLOGY);
        bench.transport
                .config
                .putInt(20, block)
                .put(24, (byte) exponent)
                .put(25, (byte) offset)
                .putShort(26, (short) least)
                .putInt(28, best);
        return bench;
    }
}
