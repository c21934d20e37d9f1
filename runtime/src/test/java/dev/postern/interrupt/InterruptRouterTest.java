package dev.postern.interrupt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.fakes.FakeCpu;
import dev.postern.fakes.FakeRam;
import dev.postern.machine.InterruptLines;
import dev.postern.machine.Latch;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysicalMemory;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InterruptRouterTest {

    private static final ValueLayout.OfInt MESSAGE = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int GSI = 23;

    private final PhysicalMemory memory = FakeRam.memory(0, 2 << 20);
    private final FrameAllocator frames = new FrameAllocator(memory, List.of());
    private final FakeCpu cpu = new FakeCpu(1000, Long.MAX_VALUE - 5000);
    private final FakeLines lines = new FakeLines();
    private final InterruptRouter router = new InterruptRouter(cpu, Optional.of(lines), frames);
    private final List<String> ran = new ArrayList<>();

    private static final class FakeLines implements InterruptLines {
        private final Set<Integer> up = new HashSet<>();

        @Override
        public int count() {
            return 24;
        }

        @Override
        public boolean asserted(int gsi) {
            return up.contains(gsi);
        }
    }

    private static final class FakeLatch implements Latch {
        private boolean tripped;
        private boolean closed;

        @Override
        public int descriptor() {
            return 7;
        }

        @Override
        public boolean take() {
            boolean was = tripped;
            tripped = false;
            return was;
        }

        @Override
        public boolean look() {
            return take();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private void send(MessageVector vector) {
        memory.slice(vector.address(), 4).set(MESSAGE, 0, vector.data());
    }

    private LineHandler handled(String name) {
        return () -> {
            ran.add(name);
            lines.up.remove(GSI);
            return LineAnswer.HANDLED;
        };
    }

    private LineHandler notMine(String name) {
        return () -> {
            ran.add(name);
            return LineAnswer.NOT_MINE;
        };
    }

    @Test
    void aMessageRunsItsHandlerOnceAndNoOther() {
        MessageVector first = router.openMessage("first", () -> ran.add("first"));
        router.openMessage("second", () -> ran.add("second"));
        assertFalse(router.poll());
        send(first);
        send(first);
        assertTrue(first.latched());
        assertTrue(router.poll());
        assertFalse(router.poll());
        assertEquals(List.of("first"), ran);
        assertEquals(1, first.count());
    }

    @Test
    void addressesDifferAndDataIsNeverZero() {
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 1500; i++) {
            MessageVector vector = router.openMessage("vector " + i, () -> {});
            assertTrue(addresses.add(vector.address()), vector.toString());
            assertEquals(0, vector.address() % 4);
            assertNotEquals(0, vector.data());
        }
    }

    @Test
    void aMessageThatArrivesDuringItsHandlerIsNotLost() {
        List<MessageVector> self = new ArrayList<>();
        MessageVector vector = router.openMessage("again", () -> {
            ran.add("again");
            if (ran.size() == 1) {
                send(self.getFirst());
            }
        });
        self.add(vector);
        send(vector);
        assertTrue(router.poll());
        assertTrue(router.poll());
        assertFalse(router.poll());
        assertEquals(2, vector.count());
    }

    @Test
    void aHandlerThatPollsOrWaitsIsRefused() {
        MessageVector vector = router.openMessage("nested", router::poll);
        send(vector);
        assertThrows(IllegalStateException.class, router::poll);
        assertFalse(router.poll(), "the router works again, and the message was taken");
    }

    @Test
    void whatIsLatchedForOthersSurvivesAnExceptionOfAHandler() {
        MessageVector bad = router.openMessage("bad", () -> {
            throw new IllegalArgumentException("broken handler");
        });
        MessageVector good = router.openMessage("good", () -> ran.add("good"));
        send(bad);
        send(good);
        assertThrows(IllegalArgumentException.class, router::poll);
        assertTrue(router.poll());
        assertEquals(List.of("good"), ran);
    }

    @Test
    void aVectorThatAHandlerClosesDoesNotRunInTheSamePoll() {
        List<MessageVector> later = new ArrayList<>();
        MessageVector first = router.openMessage("first", () -> later.getFirst().close());
        later.add(router.openMessage("later", () -> ran.add("later")));
        send(first);
        send(later.getFirst());
        assertTrue(router.poll());
        assertEquals(List.of(), ran);
    }

    @Test
    void aSlotThatIsUsedAgainHoldsNoOldMessage() {
        for (int i = 0; i < 1023; i++) {
            router.openMessage("filler", () -> {});
        }
        MessageVector old = router.openMessage("old", () -> {});
        long address = old.address();
        send(old);
        old.close();
        MessageVector next = router.openMessage("next", () -> ran.add("next"));
        assertEquals(address, next.address());
        assertFalse(router.poll());
    }

    @Test
    void awaitReturnsWhenAMessageArrivesWhileHalted() {
        MessageVector vector = router.openMessage("late", () -> ran.add("late"));
        cpu.whileHalted(() -> {
            if (cpu.halts() == 3) {
                send(vector);
            }
        });
        assertTrue(router.await(cpu.nanoTime() + 1_000_000));
        assertEquals(3, cpu.halts());
    }

    @Test
    void awaitEndsAtTheDeadlineEvenWhenTheClockWraps() {
        long deadline = cpu.nanoTime() + 20_000;
        assertFalse(router.await(deadline));
        assertEquals(deadline, cpu.nanoTime());
        assertEquals(20, cpu.halts());
    }

    @Test
    void awaitLooksOnceWhenTheDeadlineIsOver() {
        MessageVector vector = router.openMessage("there", () -> {});
        send(vector);
        assertTrue(router.await(cpu.nanoTime() - 1));
        assertFalse(router.await(cpu.nanoTime() - 1));
        assertEquals(0, cpu.halts());
    }

    @Test
    void allHandlersOfASharedLineAreAsked() {
        LineVector first = router.openLine(GSI, "first", notMine("first"));
        LineVector second = router.openLine(GSI, "second", handled("second"));
        assertFalse(router.poll());
        lines.up.add(GSI);
        assertTrue(router.poll());
        assertEquals(List.of("first", "second"), ran);
        assertEquals(0, first.count());
        assertEquals(1, second.count());
        assertFalse(router.poll());
    }

    @Test
    void aLineThatNobodyHandlesIsMaskedAndReportedSoThatAwaitEnds() {
        LineVector vector = router.openLine(GSI, "innocent", notMine("innocent"));
        MessageVector other = router.openMessage("other", () -> {});
        lines.up.add(GSI);
        assertFalse(router.await(cpu.nanoTime() + 10_000_000));
        assertTrue(vector.masked());
        assertEquals(InterruptRouter.UNHANDLED_LIMIT, ran.size());
        assertEquals(
                List.of("interrupt line 23 is masked: it was held 1000 times in a row and none of innocent had raised"
                        + " it"),
                router.problems());
        send(other);
        assertTrue(router.poll(), "others go on");
    }

    @Test
    void aLineThatDropsInBetweenIsNotMasked() {
        LineVector vector = router.openLine(GSI, "glitch", notMine("glitch"));
        for (int i = 0; i < 3 * InterruptRouter.UNHANDLED_LIMIT; i++) {
            if (i % 100 == 0) {
                lines.up.clear();
            } else {
                lines.up.add(GSI);
            }
            router.poll();
        }
        assertFalse(vector.masked());
    }

    @Test
    void aNewHandlerOpensAMaskedLineAgain() {
        router.openLine(GSI, "innocent", notMine("innocent"));
        lines.up.add(GSI);
        router.await(cpu.nanoTime() + 10_000_000);
        router.openLine(GSI, "culprit", handled("culprit"));
        assertTrue(router.poll());
    }

    @Test
    void aClosedLineIsNotAsked() {
        LineVector vector = router.openLine(GSI, "gone", handled("gone"));
        vector.close();
        vector.close();
        lines.up.add(GSI);
        assertFalse(router.poll());
        assertEquals(List.of(), ran);
    }

    @Test
    void aLineThatDoesNotExistIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> router.openLine(24, "none", notMine("none")));
        assertThrows(IllegalArgumentException.class, () -> router.openLine(-1, "none", notMine("none")));
        InterruptRouter without = new InterruptRouter(cpu, Optional.empty(), frames);
        IllegalStateException error =
                assertThrows(IllegalStateException.class, () -> without.openLine(GSI, "disk", notMine("disk")));
        assertEquals("disk: this machine shows no interrupt lines: use MSI-X or polling", error.getMessage());
    }

    @Test
    void aTrippedLatchRunsItsHandlerOnceAndNoOther() {
        FakeLatch tripped = new FakeLatch();
        LatchVector first = router.openLatch(tripped, "first", () -> ran.add("first"));
        LatchVector second = router.openLatch(new FakeLatch(), "second", () -> ran.add("second"));
        assertFalse(router.poll());
        tripped.tripped = true;
        assertTrue(router.poll());
        assertFalse(router.poll());
        assertEquals(List.of("first"), ran);
        assertEquals(1, first.count());
        assertEquals(List.of(first, second), router.latches());
    }

    @Test
    void aLatchThatIsTrippedDuringItsHandlerIsServedAgain() {
        FakeLatch latch = new FakeLatch();
        LatchVector vector = router.openLatch(latch, "again", () -> latch.tripped = ran.isEmpty() && ran.add("again"));
        latch.tripped = true;
        assertTrue(router.poll());
        assertTrue(router.poll());
        assertFalse(router.poll());
        assertEquals(2, vector.count());
    }

    @Test
    void awaitReturnsWhenALatchIsTrippedWhileHalted() {
        FakeLatch latch = new FakeLatch();
        router.openLatch(latch, "late", () -> ran.add("late"));
        cpu.whileHalted(() -> latch.tripped = cpu.halts() == 3);
        assertTrue(router.await(cpu.nanoTime() + 1_000_000));
        assertEquals(3, cpu.halts());
    }

    @Test
    void aClosedLatchVectorIsNotServedAndItsLatchStaysOpen() {
        FakeLatch latch = new FakeLatch();
        LatchVector vector = router.openLatch(latch, "gone", () -> ran.add("gone"));
        vector.close();
        vector.close();
        latch.tripped = true;
        assertFalse(router.poll());
        assertEquals(List.of(), ran);
        assertEquals(List.of(), router.latches());
        assertFalse(latch.closed);
    }

    @Test
    void aLatchVectorThatAHandlerClosesDoesNotRunInTheSamePoll() {
        FakeLatch early = new FakeLatch();
        FakeLatch late = new FakeLatch();
        List<LatchVector> later = new ArrayList<>();
        router.openLatch(early, "early", () -> later.getFirst().close());
        later.add(router.openLatch(late, "late", () -> ran.add("late")));
        early.tripped = true;
        late.tripped = true;
        assertTrue(router.poll());
        assertEquals(List.of(), ran);
    }

    @Test
    void closingGivesAllFramesBack() {
        long before = frames.freeBytes();
        router.openMessage("one", () -> {});
        assertNotEquals(before, frames.freeBytes());
        router.close();
        assertEquals(before, frames.freeBytes());
    }
}
