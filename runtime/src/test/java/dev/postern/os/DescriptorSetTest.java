package dev.postern.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DescriptorSetTest {

    private static final long MILLISECOND = 1_000_000;

    private static long later() {
        return System.nanoTime() + Duration.ofSeconds(20).toNanos();
    }

    @Test
    void eachRingIsOneEdgeThoughNobodyReadsTheCounter() throws IOException {
        try (DescriptorSet set = DescriptorSet.open();
                EventDescriptor event = EventDescriptor.create();
                EventDescriptor quiet = EventDescriptor.create();
                Readiness readiness = set.add(event.descriptor());
                Readiness other = set.add(quiet.descriptor())) {
            for (int i = 0; i < 3; i++) {
                assertFalse(readiness.take());
                event.ring();
                set.await(later());
                assertTrue(readiness.take());
                assertFalse(readiness.take() || other.take());
                set.look();
                assertFalse(readiness.take(), "the counter is not zero, but nobody has rung since");
            }
            event.ring();
            event.ring();
            set.look();
            assertTrue(readiness.take());
            set.look();
            assertFalse(readiness.take(), "two rings, one edge");
        }
    }

    @Test
    void whatWasThereBeforeIsAnEdge() throws IOException {
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream one = pair.one();
                UnixStream stream = pair.other();
                DescriptorSet set = DescriptorSet.open();
                EventDescriptor event = EventDescriptor.create()) {
            event.ring();
            one.send(ByteBuffer.allocate(1), new int[0], later());
            try (Readiness readiness = set.add(event.descriptor());
                    Readiness arrivals = set.add(stream.descriptor())) {
                set.look();
                assertTrue(readiness.take() && arrivals.take());
                one.send(ByteBuffer.allocate(1), new int[0], later());
                set.await(later());
                assertTrue(arrivals.take(), "an arrival though nobody has read the first");
                pair.one().close();
                set.await(later());
                assertTrue(arrivals.take() && !readiness.take(), "a hang-up is an edge");
            }
        }
    }

    @Test
    void aRingOfAnotherThreadEndsTheWait() throws Exception {
        try (DescriptorSet set = DescriptorSet.open();
                EventDescriptor event = EventDescriptor.create();
                Readiness readiness = set.add(event.descriptor())) {
            Thread ringer = Thread.ofPlatform().start(event::ring);
            while (!readiness.take()) {
                set.await(later());
            }
            ringer.join();
        }
    }

    @Test
    void aWaitEndsAtItsDeadlineAndNotBefore() throws IOException {
        try (DescriptorSet set = DescriptorSet.open()) {
            for (long nanos : new long[] {-1, 0, 100_000, 1_300_000, 10 * MILLISECOND}) {
                long best = Long.MAX_VALUE;
                for (int i = 0; i < 20; i++) {
                    long deadline = System.nanoTime() + nanos;
                    set.await(deadline);
                    best = Math.min(best, System.nanoTime() - deadline);
                }
                assertTrue(nanos <= 0 || best >= 0, "a wait of %d ns was %d ns short".formatted(nanos, -best));
                assertTrue(best < MILLISECOND, "a wait of %d ns was %d ns late at best".formatted(nanos, best));
            }
        }
    }

    @Test
    void aMemberThatLeftIsNotHeardAndItsPlaceIsUsedAgain() throws IOException {
        try (DescriptorSet set = DescriptorSet.open()) {
            List<EventDescriptor> events = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                List<Readiness> members = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    EventDescriptor event = EventDescriptor.create();
                    events.add(event);
                    members.add(set.add(event.descriptor()));
                    event.ring();
                }
                members.subList(0, 100).forEach(Readiness::close);
                members.getFirst().close();
                // One call tells of 64.
                for (int i = 0; i < 4; i++) {
                    set.look();
                }
                assertEquals(100, members.stream().filter(Readiness::take).count());
                members.forEach(Readiness::close);
            }
            events.forEach(EventDescriptor::close);
        }
    }

    @Test
    void closingEndsTheWaitOfAnotherThread() throws Exception {
        DescriptorSet set = DescriptorSet.open();
        Thread waiter = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 1000; i++) {
                set.await(later());
            }
        });
        set.close();
        set.close();
        waiter.join();
        set.await(later());
        set.look();
    }

    @Test
    void nothingIsAllocatedForAWaitARingOrALook() throws IOException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        UnixStream.Pair pair = UnixStream.pair();
        try (UnixStream one = pair.one();
                UnixStream _ = pair.other();
                DescriptorSet set = DescriptorSet.open();
                EventDescriptor event = EventDescriptor.create();
                Readiness readiness = set.add(event.descriptor())) {
            long bytes = Long.MAX_VALUE;
            long deadline = System.nanoTime() + Duration.ofHours(1).toNanos();
            for (int round = 0; round < 30; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 5000; i++) {
                    event.ring();
                    set.await(deadline);
                    set.look();
                    readiness.take();
                    one.hungUp();
                }
                bytes = Math.min(bytes, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, bytes, "bytes that 5000 turns allocated");
        }
    }
}
