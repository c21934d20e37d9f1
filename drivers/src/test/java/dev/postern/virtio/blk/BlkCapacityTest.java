package dev.postern.virtio.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.VirtioException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that grows or shrinks while it is used. */
class BlkCapacityTest {

    private static final int SMALL = 1024;

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aDiskThatShrinksUnderLoadAnswersWhatIsInFlightAndRefusesTheRest(InterruptMode mode) throws Exception {
        BlkBench bench = new BlkBench(mode, 0);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(512);
        bench.device.answer = request -> {
            if (bench.device.seen().size() == 8) {
                shrink(bench);
            }
            boolean beyond = request.sector() >= capacity(bench);
            bench.device.finish(request, beyond ? 1 : bench.device.perform(request), request.honestLength());
        };
        List<BlkRequest> inFlight = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            inFlight.add(disk.submitRead(SMALL - 8 + i, pa, 512));
        }
        int failed = 0;
        for (BlkRequest request : inFlight) {
            try {
                disk.await(request);
            } catch (BlkIoErrorException e) {
                failed++;
            }
        }
        assertEquals(8, failed, "the device's own error; all were answered");
        waitUntilNoticed(bench, disk, pa);
        assertEquals(SMALL, disk.sectors());
        int seen = bench.device.seen().size();
        assertThrows(BlkRangeException.class, () -> disk.submitRead(SMALL, pa, 512));
        assertThrows(BlkRangeException.class, () -> disk.read(SMALL - 1, pa, 1024));
        assertEquals(seen, bench.device.seen().size(), "blk:871");
        assertEquals(0, disk.recoveries());
        assertEquals(0, bench.context.live());
    }

    @ParameterizedTest
    @EnumSource(
            value = InterruptMode.class,
            names = {"POLLED", "MSIX"})
    void aDiskThatGrowsIsUsedToItsNewEnd(InterruptMode mode) throws Exception {
        BlkBench bench = new BlkBench(mode, 0);
        bench.transport.config.putLong(0, SMALL);
        BlkDevice disk = bench.open();
        long pa = bench.buffer(512);
        assertThrows(BlkRangeException.class, () -> disk.read(SMALL, pa, 512));
        bench.device.answer = request -> {
            bench.transport.config.putLong(0, BlkBench.SECTORS);
            bench.transport.raiseConfiguration();
            bench.device.honestly(request);
            bench.device.answer = bench.device::honestly;
        };
        disk.read(0, pa, 512);
        waitUntilNoticed(bench, disk, pa);
        assertEquals(BlkBench.SECTORS, disk.sectors(), "blk:868");
        disk.read(BlkBench.SECTORS - 1, pa, 512);
        assertArrayEquals(bench.content(BlkBench.SECTORS - 1, 512), bench.ram.get(pa, 512));
    }

    @Test
    void aLongReadOverAnEndThatComesCloserEndsInAnErrorWithNothingInFlight() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.config.putInt(8, 4096).putInt(12, 1);
        BlkDevice disk = bench.open();
        bench.device.answer = request -> {
            shrink(bench);
            boolean beyond = request.sector() * 512 + request.bytes() > capacity(bench) * 512;
            bench.device.finish(request, beyond ? 1 : bench.device.perform(request), request.honestLength());
        };
        long bytes = BlkBench.SECTORS * 512L;
        long pa = bench.buffer(bytes);
        assertThrows(VirtioException.class, () -> disk.read(0, pa, bytes));
        assertEquals(0, bench.context.live());
        disk.close();
        bench.hostile.close();
    }

    @Test
    void aNewSizeIsSeenAtOnceByWhoAsks() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        BlkChannel channel = new BlkChannel(disk, bench.ram.frames());
        shrink(bench);
        assertEquals(BlkBench.SECTORS, disk.sectors());
        assertEquals(SMALL * 512L, channel.size());
        assertEquals(SMALL, disk.sectors());
    }

    @Test
    void aChannelAtTheEndOfADiskThatGrewReadsAndWritesOn() throws Exception {
        BlkBench bench = BlkBench.polled();
        bench.transport.config.putLong(0, SMALL);
        BlkChannel channel = new BlkChannel(bench.open(), bench.ram.frames());
        channel.position(SMALL * 512L);
        assertEquals(-1, channel.read(ByteBuffer.allocate(100)));
        bench.transport.config.putLong(0, BlkBench.SECTORS);
        ByteBuffer into = ByteBuffer.allocate(100);
        assertEquals(100, channel.read(into));
        assertArrayEquals(bench.content(SMALL, 512), java.util.Arrays.copyOf(both(into, channel), 512));
        bench.transport.config.putLong(0, SMALL);
        channel.size();
        channel.position(SMALL * 512L);
        bench.transport.config.putLong(0, BlkBench.SECTORS);
        assertEquals(7, channel.write(ByteBuffer.allocate(7)));
    }

    /** The rest of the sector, behind what was read of it. */
    private static byte[] both(ByteBuffer first, BlkChannel channel) throws Exception {
        ByteBuffer all = ByteBuffer.allocate(512).put(first.flip());
        channel.read(all);
        return all.array();
    }

    @Test
    void aSizeThatMakesNoSenseIsNotBelieved() throws Exception {
        BlkBench bench = BlkBench.polled();
        BlkDevice disk = bench.open();
        bench.transport.config.putLong(0, -1);
        assertThrows(ProbeRefusedException.class, disk::refresh);
        assertEquals(BlkBench.SECTORS, disk.sectors());
        bench.transport.config.putLong(0, SMALL);
        disk.refresh();
        assertEquals(SMALL, disk.sectors());
    }

    private static void shrink(BlkBench bench) {
        bench.transport.config.putLong(0, SMALL);
        bench.transport.raiseConfiguration();
    }

    private static long capacity(BlkBench bench) {
        return bench.transport.config.getLong(0);
    }

    /** A disk looks while it waits; with an interrupt at once, else now and then. */
    private static void waitUntilNoticed(BlkBench bench, BlkDevice disk, long pa) throws VirtioException {
        bench.cpu.advance(20_000_000);
        disk.read(0, pa, 512);
        disk.read(0, pa, 512);
    }
}
