package dev.postern.lab;

import static dev.postern.lab.SocketGuest.SECTORS;
import static org.junit.jupiter.api.Assertions.*;

import dev.postern.attach.VhostUserMachine;
import dev.postern.boot.DeviceReport;
import dev.postern.lab.backend.DeviceFeature;
import dev.postern.lab.backend.DiskMemory;
import dev.postern.lab.backend.MessageDeed;
import dev.postern.lab.backend.MessageKind;
import dev.postern.lab.backend.Offer;
import dev.postern.lab.backend.ProtocolFeature;
import dev.postern.lab.backend.Script;
import dev.postern.lab.backend.ScriptedBackend;
import dev.postern.virtio.VirtioException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A back-end that is wrong before its disk is ever used: one line says why the disk is not driven, and nothing is left behind. */
@Timeout(300)
class BackendBringUpTest {

    @TempDir
    Path folder;

    private final byte[] content = SocketGuest.content();

    private ScriptedBackend open(Offer offer, Script script) throws IOException {
        return ScriptedBackend.listen(folder.resolve("socket"), new DiskMemory(content), offer, script, Seed.value());
    }

    private static Offer honest() {
        return Offer.of(SECTORS, 2);
    }

    /** Boots against a back-end; what became of the disk. */
    private DeviceReport outcome(Offer offer, Script script) throws Exception {
        List<DeviceReport> reports = new ArrayList<>();
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(offer, script)) {
                try (Trial trial = SocketGuest.boot(SocketGuest.POLLED, backend.path())) {
                    DeviceReport report = trial.guest().devices().getFirst();
                    reports.add(report);
                    if (report.outcome() == DeviceReport.Result.DRIVEN) {
                        trial.disk(0).requestDeadline(SocketGuest.DEADLINE);
                        readOrName(trial, script);
                    }
                }
                SocketGuest.assertJudgedRight(backend);
            }
        });
        return reports.getFirst();
    }

    /** A message that is not answered may be the last of a bring-up: what went wrong is then known at the first request. */
    private void readOrName(Trial trial, Script script) {
        try {
            SocketGuest.assertReads(trial, content, 3, 4);
        } catch (VirtioException e) {
            assertTrue(script.isWrong(), e.toString());
            SocketGuest.assertTelling(e.getMessage(), folder.resolve("socket"));
        }
    }

    private void assertRefused(Offer offer, Script script) throws Exception {
        assertNamed(outcome(offer, script));
    }

    private void assertNamed(DeviceReport report) {
        assertNotEquals(DeviceReport.Result.DRIVEN, report.outcome());
        SocketGuest.assertTelling(report.why(), folder.resolve("socket"));
    }

    @Test
    void aSocketThatIsNotThereIsNamedWithTheRemedy() throws Exception {
        Path socket = folder.resolve("nobody");
        SocketGuest.bounded(() -> assertAbsent(socket));
    }

    @Test
    void aSocketAtWhichNobodyListensIsNamedWithTheRemedy() throws Exception {
        Path socket = folder.resolve("socket");
        // The name without the listener, as a daemon leaves it that was killed.
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        SocketGuest.bounded(() -> {
            assertTrue(Files.exists(socket));
            assertAbsent(socket);
        });
    }

    /** It may be the machine that says so, or the guest. */
    private static void assertAbsent(Path socket) throws Exception {
        try {
            VhostUserMachine machine = VhostUserMachine.builder().join(socket).build();
            try (Trial trial = Trial.boot(SocketGuest.POLLED, new LabMachine.VhostUser(machine))) {
                DeviceReport report = trial.guest().devices().getFirst();
                assertNotEquals(DeviceReport.Result.DRIVEN, report.outcome());
                SocketGuest.assertTelling(report.why(), socket);
            }
        } catch (dev.postern.attach.MachineConfigurationException e) {
            SocketGuest.assertTelling(e.getMessage(), socket);
        }
    }

    @Test
    void anHonestBackEndIsDrivenAndHasNoComplaint() throws Exception {
        assertEquals(
                DeviceReport.Result.DRIVEN, outcome(honest(), Script.honest()).outcome());
        assertEquals(
                DeviceReport.Result.DRIVEN,
                outcome(Offer.asStorageDaemon(SECTORS, 1), Script.honest()).outcome());
    }

    @ParameterizedTest
    @EnumSource(
            value = MessageDeed.class,
            names = {"HANG_UP_BEFORE", "HANG_UP_IN_REPLY"})
    void aHangUpAtAnyMessageOfABringUpIsNamed(MessageDeed deed) throws Exception {
        int messages = messagesOfABringUp();
        assertTrue(messages > 10, messages + " messages are no bring-up");
        for (int number = 0; number < messages; number++) {
            DeviceReport report = outcome(honest(), Script.honest().atMessage(Script.EVERY, number, deed));
            // Of one near the end the first request tells.
            if (report.outcome() != DeviceReport.Result.DRIVEN || number < messages / 2) {
                assertNamed(report);
            }
        }
    }

    /** How many there are before the first request. */
    private int messagesOfABringUp() throws Exception {
        try (ScriptedBackend backend = open(honest(), Script.honest());
                Trial trial = SocketGuest.boot(SocketGuest.POLLED, backend.path())) {
            assertEquals(
                    DeviceReport.Result.DRIVEN,
                    trial.guest().devices().getFirst().outcome());
            return backend.messages(backend.connections() - 1).size();
        }
    }

    static Stream<Arguments> wrongAnswers() {
        Set<MessageDeed> everywhere = EnumSet.of(
                MessageDeed.OVERSIZED,
                MessageDeed.NEGATIVE_SIZE,
                MessageDeed.UNDERSIZED,
                MessageDeed.EMPTY,
                MessageDeed.TOO_LONG,
                MessageDeed.WRONG_VERSION,
                MessageDeed.NO_REPLY_FLAG,
                MessageDeed.OTHER_REQUEST,
                MessageDeed.EXTRA_DESCRIPTOR,
                MessageDeed.MANY_DESCRIPTORS);
        Stream<Arguments> kinds = Stream.of(
                        MessageKind.GET_FEATURES,
                        MessageKind.GET_PROTOCOL_FEATURES,
                        MessageKind.GET_QUEUE_NUM,
                        MessageKind.GET_CONFIG)
                .flatMap(kind -> everywhere.stream().map(deed -> Arguments.of(kind, deed)));
        return Stream.concat(
                kinds,
                Stream.of(
                        Arguments.of(MessageKind.GET_FEATURES, MessageDeed.TWICE),
                        Arguments.of(MessageKind.GET_CONFIG, MessageDeed.TWICE)));
    }

    @ParameterizedTest
    @MethodSource("wrongAnswers")
    void aWrongAnswerIsNamed(MessageKind kind, MessageDeed deed) throws Exception {
        assertRefused(honest(), Script.honest().at(Script.EVERY, kind, deed));
    }

    /** A few of them, in which all is right but the header's words. */
    @ParameterizedTest
    @EnumSource(
            value = MessageDeed.class,
            names = {"WRONG_VERSION", "NO_REPLY_FLAG", "OTHER_REQUEST"})
    void anAnswerInTheWrongWordsIsNamed(MessageDeed deed) throws Exception {
        assertRefused(honest(), Script.honest().at(Script.EVERY, MessageKind.GET_QUEUE_NUM, deed));
    }

    @Test
    void aBackEndThatDoesNotAnswerIsGivenUpInTime() throws Exception {
        assertRefused(honest(), Script.honest().at(Script.EVERY, MessageKind.GET_CONFIG, MessageDeed.SILENCE));
    }

    @Test
    void halfAMessageIsGivenUpInTime() throws Exception {
        assertRefused(honest(), Script.honest().at(Script.EVERY, MessageKind.GET_FEATURES, MessageDeed.HALF_REPLY));
    }

    @Test
    void memoryThatTheBackEndRefusesIsNamed() throws Exception {
        assertRefused(honest(), refusing(MessageDeed.NACK));
    }

    /** Whichever of them it is that gives memory. */
    private static Script refusing(MessageDeed deed) {
        return Script.honest()
                .at(Script.EVERY, MessageKind.SET_MEM_TABLE, deed)
                .at(Script.EVERY, MessageKind.ADD_MEM_REG, deed);
    }

    @Test
    void memoryDoesNotShrinkUnderTheGuest() throws Exception {
        SocketGuest.bounded(() -> {
            try (ScriptedBackend backend = open(honest(), refusing(MessageDeed.SHRINK_MEMORY))) {
                try (Trial trial = SocketGuest.boot(SocketGuest.POLLED, backend.path())) {
                    SocketGuest.assertReads(trial, content, 0, 8);
                }
                assertTrue(
                        backend.notes().stream().anyMatch(note -> note.contains("does not shrink")),
                        backend.notes().toString());
                SocketGuest.assertJudgedRight(backend);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1L << 32, Long.MIN_VALUE})
    void anImpossibleNumberOfQueuesIsNoHarm(long number) throws Exception {
        DeviceReport report = outcome(honest().tellingQueues(number), Script.honest());
        if (number == 0) {
            assertNamed(report);
        }
        if (report.outcome() != DeviceReport.Result.DRIVEN) {
            SocketGuest.assertTelling(report.why(), folder.resolve("socket"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void anImpossibleNumberOfRegionsIsNoHarm(long number) throws Exception {
        DeviceReport report = outcome(honest().tellingSlots(number), Script.honest());
        if (report.outcome() != DeviceReport.Result.DRIVEN) {
            SocketGuest.assertTelling(report.why(), folder.resolve("socket"));
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolFeature.class)
    void aBackEndWithoutAProtocolFeatureIsDrivenOrNamed(ProtocolFeature feature) throws Exception {
        DeviceReport report = outcome(honest().without(feature), Script.honest());
        if (feature == ProtocolFeature.CONFIG) {
            // The configuration of a disk is not to be had otherwise.
            assertNamed(report);
        } else {
            assertEquals(DeviceReport.Result.DRIVEN, report.outcome(), report.why());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DeviceFeature.class,
            names = {"VERSION_1", "PROTOCOL_FEATURES"})
    void aBackEndThatIsTooOldIsNamed(DeviceFeature feature) throws Exception {
        DeviceReport report = outcome(honest().without(feature), Script.honest());
        assertNotEquals(DeviceReport.Result.DRIVEN, report.outcome());
        // A device that is not modern is none whatever carries it: its place is beside the reason.
        SocketGuest.assertTelling(report.location() + ": " + report.why(), folder.resolve("socket"));
    }

    @ParameterizedTest
    @EnumSource(
            value = MessageDeed.class,
            names = {"NO_DESCRIPTOR", "EXTRA_DESCRIPTOR", "SMALL_FILE", "ALL_ONES", "UNDERSIZED"})
    void aWrongAreaForWhatIsInFlightIsNoHarm(MessageDeed deed) throws Exception {
        // A front-end that has no use for the area does not ask.
        DeviceReport report = outcome(honest(), Script.honest().at(Script.EVERY, MessageKind.GET_INFLIGHT_FD, deed));
        if (report.outcome() != DeviceReport.Result.DRIVEN) {
            SocketGuest.assertTelling(report.why(), folder.resolve("socket"));
        }
    }
}
