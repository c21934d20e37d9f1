package dev.postern.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.virtio.DeviceAwayException;
import dev.postern.virtio.DeviceStatus;
import dev.postern.virtio.InterruptMode;
import dev.postern.virtio.VirtioException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Back-ends that break the protocol: one line that names the channel and the message, nothing left open, and nobody waits for long. */
class BadBackEndTest {

    private static final long SECOND = 1_000_000_000;

    private final TransportBench bench = new TransportBench();
    private final FakeBackEnd backEnd = bench.backEnd;

    /** Something wrong that comes in place of an answer, and what the line says of it. */
    private enum Wrong {
        ANSWER_TO_ANOTHER(1, "is one to request 77", b -> b.say(FakeBackEnd.message(77, 5, 0L))),
        OTHER_VERSION(1, "of version 2", b -> b.say(FakeBackEnd.message(1, 6, 0L))),
        NO_REPLY_FLAG(1, "does not say that it is one", b -> b.say(FakeBackEnd.message(1, 1, 0L))),
        SHORT(1, "has 4 bytes, not 8", b -> b.say(FakeBackEnd.message(1, 5, 0))),
        LONG(15, "has 16 bytes, not 8", b -> b.say(FakeBackEnd.message(15, 5, 0L, 0L))),
        ENORMOUS(1, "has 4294967295 bytes", b -> b.say(resized(FakeBackEnd.message(1, 5, 0L), -1))),
        DESCRIPTORS(1, "came with 2 descriptors", b -> b.say(FakeBackEnd.message(1, 5, 0L), 900, 901)),
        HALF_A_HEADER(15, "half a message", b -> b.say(Arrays.copyOf(FakeBackEnd.message(15, 5, 0L), 7))),
        HALF_A_PAYLOAD(15, "half a message", b -> b.say(Arrays.copyOf(FakeBackEnd.message(15, 5, 0L), 15))),
        NO_QUEUES(17, "has 0 queues", b -> b.say(FakeBackEnd.message(17, 5, 0L))),
        TOO_MANY_QUEUES(17, "has 65536 queues", b -> b.say(FakeBackEnd.message(17, 5, 65536L))),
        NEGATIVE_QUEUES(17, "has 18446744073709551615 queues", b -> b.say(FakeBackEnd.message(17, 5, -1L))),
        NO_SLOTS(36, "has 0 slots", b -> b.say(FakeBackEnd.message(36, 5, 0L))),
        CONFIG_REFUSED(24, "does not tell 60 bytes", b -> b.say(FakeBackEnd.message(24, 5))),
        CONFIG_EMPTY(24, "does not tell 60 bytes", b -> b.say(FakeBackEnd.message(24, 5, 0, 0, 0))),
        CONFIG_SHORTER(24, "8 of 8 at 0 came", b -> b.say(FakeBackEnd.message(24, 5, 0, 8, 0, 1L))),
        CONFIG_ELSEWHERE(24, "at 4 came", b -> b.say(FakeBackEnd.message(24, 5, 4, 60, 0, 1L))),
        OWNER_REFUSED(3, "says no (0x16)", b -> b.say(FakeBackEnd.message(3, 5, 0x16L)));

        private final int request;
        private final String words;
        private final Consumer<FakeBackEnd> act;

        Wrong(int request, String words, Consumer<FakeBackEnd> act) {
            this.request = request;
            this.words = words;
            this.act = act;
        }

        private static byte[] resized(byte[] message, int size) {
            java.nio.ByteBuffer.wrap(message)
                    .order(java.nio.ByteOrder.nativeOrder())
                    .putInt(8, size);
            return message;
        }
    }

    @ParameterizedTest
    @EnumSource(Wrong.class)
    void whatCannotBeIsNamedAndTheSessionIsOver(Wrong wrong) {
        backEnd.protocol |= 1L << FakeBackEnd.SLOTS;
        backEnd.instead.put(wrong.request, _ -> wrong.act.accept(backEnd));
        String message = assertThrows(VirtioException.class, bench.transport::offeredFeatures)
                .getMessage();
        assertTrue(message.startsWith("vhost-user fake: "), message);
        assertTrue(message.contains(wrong.words), message);
        assertFalse(message.contains("\n"), message);
        assertEquals(Set.of(), backEnd.open);
        assertTrue(bench.cpu.elapsed() < 5 * SECOND);
        if (wrong == Wrong.DESCRIPTORS) {
            assertTrue(backEnd.closedDescriptors.containsAll(Set.of(900, 901)));
        }
    }

    private static Stream<Integer> messagesOfABringUp() {
        return IntStream.range(0, 18).boxed();
    }

    @ParameterizedTest
    @MethodSource("messagesOfABringUp")
    void aHangUpAtAnyMessageIsOneLineAndLeavesNothingOpen(int at) throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.SLOTS | 1L << FakeBackEnd.BACKEND_REQ | 1L << FakeBackEnd.INFLIGHT;
        Runnable trap = () -> {
            if (backEnd.heard.size() >= at) {
                backEnd.hangUp();
            }
        };
        IntStream.rangeClosed(1, 40)
                .forEach(request -> backEnd.instead.put(request, new FakeBackEnd.Mischief() {
                    @Override
                    public void onRequest(byte[] payload) {
                        trap.run();
                        backEnd.instead.remove(request, this);
                        backEnd.answerLast();
                        backEnd.instead.put(request, this);
                    }
                }));
        try {
            bench.live(InterruptMode.MSIX);
            bench.transport.readStatus();
        } catch (VirtioException e) {
            assertTrue(e.getMessage().contains("hung up"), e.getMessage());
        }
        assertTrue(bench.transport.trouble().orElse("hung up").contains("hung up"));
        assertTrue(bench.reset() >= 0);
        bench.transport.close();
        assertEquals(Set.of(), backEnd.open, "hung up at message " + at);
        assertTrue(backEnd.connects <= 3);
        assertTrue(bench.cpu.elapsed() < SECOND, "a hang-up is not waited for");
    }

    @Test
    void whoDoesNotAnswerIsWaitedForAFewSeconds() {
        backEnd.stopped = true;
        String message = assertThrows(DeviceAwayException.class, bench.transport::offeredFeatures)
                .getMessage();
        assertTrue(message.contains("GET_FEATURES: the back-end did not answer within 3 s; it is a fake: "), message);
        assertTrue(bench.cpu.elapsed() <= 4 * SECOND);
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void whoStandsStillWhileWeConnectIsEndedWhereTheMachineCan() throws Exception {
        backEnd.stopped = true;
        backEnd.owned = true;
        bench.transport.offeredFeatures();
        assertEquals(1, backEnd.powerCycles);
        assertEquals(2, backEnd.connects);
    }

    @Test
    void nobodyThereIsAwayAndMayComeBack() throws Exception {
        backEnd.there = false;
        assertThrows(DeviceAwayException.class, bench.transport::offeredFeatures);
        assertEquals(0, bench.reset());
        backEnd.there = true;
        bench.live(InterruptMode.POLLED);
        assertEquals(15, bench.transport.readStatus());
    }

    /** Areas of what is in flight that cannot be. */
    private enum Area {
        EMPTY(0L, 0L, 1, 64),
        NEGATIVE(-4096L, 0L, 1, 64),
        BEYOND(4096L, Long.MAX_VALUE, 1, 64),
        OTHER_QUEUES(4096L, 0L, 2, 64),
        OTHER_ENTRIES(4096L, 0L, 1, 128);

        private final byte[] message;

        Area(long size, long offset, int queues, int entries) {
            message = FakeBackEnd.message(31, 5, size, offset, (short) queues, (short) entries, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(Area.class)
    void anAreaThatCannotBeIsNotGivenBackAndItsDescriptorIsClosed(Area area) throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.INFLIGHT;
        backEnd.instead.put(31, _ -> backEnd.say(area.message, 900));
        bench.connected(InterruptMode.POLLED);
        String message =
                assertThrows(VirtioException.class, bench.transport::allowDma).getMessage();
        assertTrue(message.contains("GET_INFLIGHT_FD"), message);
        assertFalse(backEnd.codes().contains(32));
        assertTrue(backEnd.closedDescriptors.contains(900));
        bench.reset();
        assertEquals(Set.of(), backEnd.open);
    }

    @Test
    void anAreaWithoutADescriptorIsNone() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.INFLIGHT;
        backEnd.instead.put(31, _ -> backEnd.say(FakeBackEnd.message(31, 5, 4096L, 0L, (short) 1, (short) 64, 0)));
        bench.connected(InterruptMode.POLLED);
        String message =
                assertThrows(VirtioException.class, bench.transport::allowDma).getMessage();
        assertTrue(message.contains("came with 0 descriptors, and 1 belong to it"), message);
    }

    // ---- while it runs

    @Test
    void wordsThatNobodyAskedForAreNoticedWhenSomethingIsAsked() throws Exception {
        bench.live(InterruptMode.POLLED);
        backEnd.say(FakeBackEnd.message(99, 5, 0L));
        bench.transport.readStatus();
        assertBroken("nobody asked");
    }

    @Test
    void aStatusOfMoreThanEightBitsIsNone() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.STATUS;
        bench.live(InterruptMode.POLLED);
        backEnd.status = 0x10f;
        bench.transport.readStatus();
        assertBroken("GET_STATUS");
    }

    @Test
    void requestsThatWereNotNegotiatedAreRefusedAndTheirDescriptorsClosed() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.BACKEND_REQ;
        bench.live(InterruptMode.POLLED);
        for (int request : new int[] {0, 1, 3, 4, 5, 77}) {
            backEnd.request(FakeBackEnd.message(request, 9, 0L, 4096L, 0L), 800 + request);
        }
        assertEquals(15, bench.transport.readStatus());
        assertEquals(6, backEnd.answers().size());
        backEnd.answers().forEach(answer -> assertTrue(answer[12] != 0));
        assertTrue(backEnd.closedDescriptors.containsAll(Set.of(800, 801, 803, 804, 805, 877)));
    }

    @Test
    void aRequestThatIsTooLongOrOfAnotherVersionBreaksTheSession() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.BACKEND_REQ;
        bench.live(InterruptMode.POLLED);
        backEnd.request(FakeBackEnd.message(2, 2));
        bench.transport.readStatus();
        assertBroken("back-end request");
        bench.reset();
        bench.live(InterruptMode.POLLED);
        backEnd.request(Wrong.resized(FakeBackEnd.message(2, 1), 1 << 20));
        bench.transport.readStatus();
        assertBroken("back-end request");
    }

    @Test
    void aFloodOfRequestsDoesNotKeepTheGuest() throws Exception {
        backEnd.protocol |= 1L << FakeBackEnd.BACKEND_REQ;
        bench.live(InterruptMode.POLLED);
        for (int i = 0; i < 1000; i++) {
            backEnd.request(FakeBackEnd.message(2, 9));
        }
        bench.transport.readStatus();
        assertEquals(16, backEnd.answers().size());
    }

    @Test
    void anAnswerAboutAnotherRingDoesNotStopTheReset() throws Exception {
        bench.live(InterruptMode.POLLED);
        backEnd.instead.put(11, _ -> backEnd.say(FakeBackEnd.message(11, 5, 3, 0)));
        assertTrue(bench.reset() >= 0);
        assertEquals(Set.of(), backEnd.open);
    }

    private void assertBroken(String words) {
        assertTrue((bench.transport.readStatus() & DeviceStatus.NEEDS_RESET) != 0);
        String trouble = bench.transport.trouble().orElseThrow();
        assertTrue(trouble.startsWith("vhost-user fake: ") && trouble.contains(words), trouble);
    }
}
