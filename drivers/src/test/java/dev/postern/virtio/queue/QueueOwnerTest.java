package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** With assertions on, as they are in tests, a queue has one owner at a time. */
class QueueOwnerTest extends OnBothCodes {

    private static <T> T elsewhere(Callable<T> call) throws Throwable {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().start(task).join();
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private static void assertRefused(Callable<?> call) throws Throwable {
        try {
            elsewhere(call);
        } catch (AssertionError e) {
            assertTrue(e.getMessage().contains("hand it over first"), e.getMessage());
            return;
        }
        throw new AssertionError("a strange thread used the queue");
    }

    @Test
    void aStrangeThreadCanNeitherBuildNorPublishNorPoll() throws Throwable {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.post(1);
            assertRefused(() -> bench.queue.begin(1));
            assertRefused(() -> bench.queue.commitWritable(new long[1], new int[1], new int[1], 1));
            assertRefused(bench.queue::publish);
            assertRefused(() -> bench.queue.pollUsed());
            assertRefused(() -> bench.queue.pollUsed(new long[1], 1));
            assertRefused(bench.queue::askForSignal);
            assertEquals(Virtqueue.NONE, bench.queue.pollUsed(), "the owner is still welcome");
        }
    }

    @Test
    void aQueueThatWasHandedOverBelongsToItsNextUser() throws Throwable {
        try (QueueBench bench = QueueBench.direct(8)) {
            int id = bench.post(1);
            bench.device.complete(id, 1);
            bench.queue.handOver();
            int came = elsewhere(() -> bench.queue.pollUsed());
            assertEquals(id, came);
            AssertionError refused = null;
            try {
                bench.queue.pollUsed();
            } catch (AssertionError e) {
                refused = e;
            }
            assertInstanceOf(AssertionError.class, refused, "the former owner is strange now");
        }
    }

    @Test
    void aRestartedQueueBelongsToItsNextUser() throws Throwable {
        try (QueueBench bench = QueueBench.direct(8)) {
            bench.post(1);
            bench.queue.restart();
            assertTrue(elsewhere(() -> bench.queue.begin(1)));
        }
    }
}
