package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For checks of what is behind a socket: the test that is to notice the absence of one is green with it and red without it. */
@Timeout(300)
class BackendSabotageTest {

    private static final String TRANSPORT = "dev.postern.virtio.transport.vhostuser.";

    /**
     * One check and the test that shows it.
     *
     * @param className where the check is
     * @param method the check
     * @param removal how it is removed
     * @param testClass where its test is
     * @param test the test
     */
    record Case(
            String className,
            String method,
            BiFunction<String, String, Sabotage> removal,
            Class<?> testClass,
            String test) {
        @Override
        public String toString() {
            return "%s.%s, %s".formatted(className.substring(className.lastIndexOf('.') + 1), method, test);
        }
    }

    static Stream<Case> checks() {
        return Stream.of(
                new Case(
                        TRANSPORT + "MessageStream",
                        "checkReplyHeader",
                        Sabotage::skip,
                        BackendBringUpTest.class,
                        "anAnswerInTheWrongWordsIsNamed"),
                new Case(
                        "dev.postern.virtio.blk.BlkQueues",
                        "holdBehindWrites",
                        Sabotage::skip,
                        OldWriteTest.class,
                        "noWriteComesAgainAfterALaterOneOverItsSectors"));
    }

    @ParameterizedTest
    @MethodSource("checks")
    void withoutTheCheckItsTestIsRed(Case one) {
        InnerRun sabotaged;
        try (Sabotage removed = one.removal().apply(one.className(), one.method())) {
            assertNotNull(removed);
            sabotaged = InnerRun.untilOneFails(one.testClass(), one.test());
        }
        assertNotEquals(0, sabotaged.failures().size(), "nobody noticed that the check was removed");
        InnerRun honest = InnerRun.untilOneFails(one.testClass(), one.test());
        assertEquals(List.of(), honest.failures(), "the test is red with the check, or the check is not back");
        assertTrue(honest.succeeded() > 0, "nothing ran");
    }
}
