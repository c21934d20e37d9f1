package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.ScriptedPackedQueue;
import dev.postern.virtio.fake.ScriptedQueue;
import dev.postern.virtio.fake.ScriptedRing;
import dev.postern.virtio.fake.TestRam;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a quirk row says that a device's used lengths mean nothing, none of them breaks the queue and none is handed on. */
class IgnoredLengthsTest extends OnBothCodes {

    private static final int POSTED = 512;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, POSTED, POSTED + 1, Integer.MAX_VALUE, -1})
    void whateverTheDeviceSaysTheChainCountsAsWrittenInFull(int said) throws Exception {
        for (QueueOptions.Format format : QueueOptions.Format.values()) {
            for (QueueOptions.UseOrder order : QueueOptions.UseOrder.values()) {
                QueueOptions options = new QueueOptions(
                        "q",
                        0,
                        4,
                        1,
                        format,
                        QueueOptions.Chaining.DIRECT,
                        QueueOptions.UsedSignals.SUPPRESSED,
                        QueueOptions.EventMarks.FLAGS,
                        order);
                assertCountsInFull(chosen(options.withLengths(QueueOptions.UsedLengths.IGNORED)), said);
            }
        }
    }

    private static void assertCountsInFull(QueueOptions options, int said) throws QueueBrokenException {
        try (HostileContext context = DmaContexts.hostile(1, new TestRam(1 << 20).frames(), DmaConstraints.NONE, "q");
                Virtqueue queue = Virtqueue.open(options, context)) {
            ScriptedRing device = switch (options.format()) {
                case SPLIT -> new ScriptedQueue(context.deviceView(), queue.addresses());
                case PACKED -> new ScriptedPackedQueue(context.deviceView(), queue.addresses());
            };
            queue.begin(1);
            queue.writable(0x1000, POSTED);
            int id = queue.commit();
            queue.publish();
            device.use(device.takeAll(), said);
            assertEquals(id, queue.pollUsed());
            assertEquals(POSTED, queue.usedLength());
            int[] ids = new int[1];
            queue.commitWritable(new long[] {0x1000}, new int[] {POSTED}, ids, 1);
            queue.publish();
            device.use(device.takeAll(), said);
            long[] used = new long[1];
            assertEquals(1, queue.pollUsed(used, 1));
            assertEquals(ids[0], Virtqueue.idOf(used[0]));
            assertEquals(POSTED, Virtqueue.lengthOf(used[0]));
        }
    }
}
