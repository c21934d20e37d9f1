package dev.postern.lab;

import static dev.postern.lab.SocketGuest.SECTORS;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.lab.backend.DataDeed;
import dev.postern.lab.backend.DeviceFeature;
import dev.postern.lab.backend.DiskMemory;
import dev.postern.lab.backend.MessageDeed;
import dev.postern.lab.backend.MessageKind;
import dev.postern.lab.backend.Offer;
import dev.postern.lab.backend.ProtocolFeature;
import dev.postern.lab.backend.Script;
import dev.postern.lab.backend.ScriptedBackend;
import dev.postern.memory.PhysRange;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A back-end hangs up with requests in flight, and is wrong once more while it is attached again: requests are answered all the same, or
 * one line says why not; nothing hangs and nothing is left behind.
 */
@Timeout(300)
class BackendRecoveryTest {

    /** The request at which it hangs up first: in the middle of a burst. */
    private static final int VICTIM = 5;

    @TempDir
    Path folder;

    private final byte[] content = SocketGuest.content();
    private int last;

    private ScriptedBackend open(IntFunction<Offer> offers, Script script) throws IOException {
        return ScriptedBackend.listen(folder.resolve("socket"), new DiskMemory(content), offers, script, Seed.value());
    }

    private static Offer honest() {
        return Offer.of(SECTORS, 1);
    }

    /** How a bring-up goes when nothing is wrong: the number of its last connection, and how many messages that has. */
    private int messagesOfABringUp() throws Exception {
        try (ScriptedBackend backend = open(_ -> honest(), Script.honest());
                Trial trial = SocketGuest.boot(SocketGuest.POLLED, backend.path())) {
            assertEquals(1, trial.guest().disks().size());
            last = backend.connections() - 1;
            return backend.messages(last).size();
        }
    }

    /** Boots, loses the back-end in the middle of a burst, and gives why requests were not answered. */
    private List<VirtioException> lose(IntFunction<Offer> offers, Script after) throws Exception {
        List<VirtioException> failures = new ArrayList<>();
        SocketGuest.bounded(() -> {
            Script script = after.atRequest(last, VICTIM, DataDeed.HANG_UP_BEFORE);
            try (ScriptedBackend backend = open(offers, script)) {
                Trial trial = SocketGuest.boot(SocketGuest.POLLED, backend.path());
                try {
                    trial.disk(0).requestDeadline(SocketGuest.DEADLINE);
                    failures.addAll(SocketGuest.burst(trial, content, 100));
                    if (failures.isEmpty()) {
                        SocketGuest.assertReads(trial, content, 0, 8);
                        trial.close();
                    }
                } finally {
                    trial.abandon();
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
        return failures;
    }

    @ParameterizedTest
    @EnumSource(
            value = MessageDeed.class,
            names = {"HANG_UP_BEFORE", "HANG_UP_IN_REPLY"})
    void aHangUpAtAnyMessageOfARecoveryIsRecoveredFrom(MessageDeed deed) throws Exception {
        int messages = messagesOfABringUp();
        for (int number = 0; number < messages; number++) {
            Script script = Script.honest().atMessage(last + 1, number, deed);
            assertEquals(List.of(), lose(_ -> honest(), script), "message " + number);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MessageDeed.class,
            names = {"OVERSIZED", "WRONG_VERSION", "OTHER_REQUEST", "EXTRA_DESCRIPTOR", "TWICE"})
    void aWrongAnswerInARecoveryIsRecoveredFrom(MessageDeed deed) throws Exception {
        messagesOfABringUp();
        Script script = Script.honest().at(last + 1, MessageKind.GET_FEATURES, deed);
        assertEquals(List.of(), lose(_ -> honest(), script));
    }

    static Stream<Arguments> withdrawals() {
        Offer full = honest();
        return Stream.of(
                Arguments.of("EVENT_IDX", full.without(DeviceFeature.EVENT_IDX)),
                Arguments.of("INDIRECT_DESC", full.without(DeviceFeature.INDIRECT_DESC)),
                Arguments.of("FLUSH", full.without(DeviceFeature.FLUSH)),
                Arguments.of("VERSION_1", full.without(DeviceFeature.VERSION_1)),
                Arguments.of("protocol features", full.without(DeviceFeature.PROTOCOL_FEATURES)),
                Arguments.of("REPLY_ACK", full.without(ProtocolFeature.REPLY_ACK)),
                Arguments.of("CONFIG", full.without(ProtocolFeature.CONFIG)),
                Arguments.of("STATUS", full.without(ProtocolFeature.STATUS)),
                Arguments.of("all queues", full.tellingQueues(0)),
                Arguments.of("most of the disk", full.tellingCapacity(8)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withdrawals")
    void whatABackEndWithdrawsIsDoneWithoutOrNamed(String what, Offer fewer) throws Exception {
        messagesOfABringUp();
        for (VirtioException failure : lose(number -> number <= last ? honest() : fewer, Script.honest())) {
            SocketGuest.assertTelling(failure.getMessage(), folder.resolve("socket"));
        }
    }

    @Test
    void aBackEndThatIsGoneForGoodIsNamed() throws Exception {
        messagesOfABringUp();
        Script script = Script.honest().at(Script.from(last + 1), MessageKind.GET_FEATURES, MessageDeed.HANG_UP_BEFORE);
        List<VirtioException> failures = lose(_ -> honest(), script);
        assertFalse(failures.isEmpty());
        for (VirtioException failure : failures) {
            SocketGuest.assertTelling(failure.getMessage(), folder.resolve("socket"));
        }
    }

    @Test
    void theBuffersOfABackEndThatDoesNotLetGoAreNotUsedAgain() throws Exception {
        messagesOfABringUp();
        SocketGuest.bounded(() -> {
            Offer clinging = Offer.asStorageDaemon(SECTORS, 1).with(Offer.Farewell.NEVER);
            Script script = Script.honest().atRequest(Script.EVERY, 2, DataDeed.STALL);
            try (ScriptedBackend backend = open(_ -> clinging, script)) {
                Trial trial = SocketGuest.boot(SocketGuest.POLLED, backend.path());
                try {
                    BlkDevice driven = trial.disk(0);
                    driven.requestDeadline(SocketGuest.DEADLINE);
                    SocketGuest.assertReads(trial, content, 0, 1);
                    PhysRange buffer = trial.buffer(SocketGuest.SECTOR);
                    DeviceDeadException dead = assertThrows(
                            DeviceDeadException.class, () -> driven.read(1, buffer.basePa(), SocketGuest.SECTOR));
                    SocketGuest.assertTelling(dead.getMessage(), backend.path());
                    assertEquals(1, driven.quarantinedMappings());
                    long free = trial.guest().frames().freeBytes();
                    driven.release(buffer);
                    assertEquals(free, trial.guest().frames().freeBytes(), "the back-end may still write to it");
                } finally {
                    trial.abandon();
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }
}
