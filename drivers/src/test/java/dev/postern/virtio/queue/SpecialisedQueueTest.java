package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.HostileContext;
import dev.postern.virtio.fake.TestRam;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A specialised queue has code of its own for everything that a queue does. That it does the same, the other tests show. */
class SpecialisedQueueTest {

    private static QueueOptions options(QueueOptions.Format format, QueueOptions.Code code) {
        return new QueueOptions(
                        "q",
                        0,
                        8,
                        1,
                        format,
                        QueueOptions.Chaining.DIRECT,
                        QueueOptions.UsedSignals.SUPPRESSED,
                        QueueOptions.EventMarks.FLAGS,
                        QueueOptions.UseOrder.ANY)
                .withCode(code);
    }

    private static HostileContext context() {
        return DmaContexts.hostile(1, new TestRam(1 << 20).frames(), DmaConstraints.NONE, "q");
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Format.class)
    void eachQueueHasAClassOfItsOwnAndAPlainOneHasNot(QueueOptions.Format format) {
        try (HostileContext context = context();
                Virtqueue one = Virtqueue.open(options(format, QueueOptions.Code.SPECIALISED), context);
                Virtqueue other = Virtqueue.open(options(format, QueueOptions.Code.SPECIALISED), context);
                Virtqueue plain = Virtqueue.open(options(format, QueueOptions.Code.PLAIN), context)) {
            assertTrue(one.getClass().isHidden());
            assertNotEquals(one.getClass(), other.getClass());
            assertFalse(plain.getClass().isHidden());
        }
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Format.class)
    void everyMethodOfAQueueThatCanBeCopiedIsInTheCopy(QueueOptions.Format format) {
        try (HostileContext context = context();
                Virtqueue queue = Virtqueue.open(options(format, QueueOptions.Code.SPECIALISED), context)) {
            for (String name : new String[] {
                "begin",
                "commit",
                "publish",
                "pollUsed",
                "checkUsedId",
                "checkOutstanding",
                "checkUsedLength",
                "commitWritable"
            }) {
                assertTrue(
                        Arrays.stream(queue.getClass().getDeclaredMethods())
                                .map(Method::getName)
                                .anyMatch(name::equals),
                        name + " is not folded");
            }
        }
    }

    /** A boot with plain queues must not pay for Byte Buddy: nothing else in the package may name it. */
    @Test
    void onlyTheSpecialiserNamesByteBuddy() throws Exception {
        Path folder =
                Path.of(Virtqueue.class.getResource("Virtqueue.class").toURI()).getParent();
        List<String> naming = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.class")) {
            for (Path file : files) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("net/bytebuddy")) {
                    naming.add(file.getFileName().toString());
                }
            }
        }
        assertTrue(naming.contains("Specialiser.class"), naming::toString);
        naming.removeIf(name -> name.startsWith("Specialiser"));
        assertEquals(List.of(), naming);
    }

    @ParameterizedTest
    @EnumSource(QueueOptions.Format.class)
    void aQueueThatIsSpecialisedTakesAndGivesBackTheMemoryOfOne(QueueOptions.Format format) {
        HostileContext context = context();
        Virtqueue queue = Virtqueue.open(options(format, QueueOptions.Code.SPECIALISED), context);
        assertEquals(8, queue.size());
        queue.close();
        // It throws when a buffer is left.
        context.close();
    }
}
