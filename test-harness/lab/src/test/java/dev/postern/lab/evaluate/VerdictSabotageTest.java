package dev.postern.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.postern.lab.Sabotage;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Each condition of a verdict, removed alone by rewriting its bytecode: a test of what is seen turns red, and so does one of a cell. */
class VerdictSabotageTest {

    @SuppressWarnings("unused")
    private static final List<VerdictRule> RULES = VerdictRule.all();

    @ParameterizedTest
    @FieldSource("RULES")
    void withoutAConditionATestOfVerdictsIsRed(VerdictRule rule) {
        assertEquals(0, failures(VerdictRulesTest.class), "honest");
        try (Sabotage removed = Sabotage.skip(rule.getClass().getName(), "met")) {
            assertNotNull(removed);
            assertNotEquals(0, failures(VerdictRulesTest.class), rule + " is not missed");
        }
    }

    static Stream<Class<?>> seenInCells() {
        return Stream.of(PrivateBytesRead.class, UnsharedMemoryOpen.class, RequestFailed.class, DeviceDeclined.class);
    }

    @ParameterizedTest
    @MethodSource("seenInCells")
    void withoutAConditionThatOneCellMeetsAloneATestOfCellsIsRed(Class<?> rule) {
        try (Sabotage removed = Sabotage.skip(rule.getName(), "met")) {
            assertNotNull(removed);
            assertNotEquals(0, failures(WrongCellsTest.class), rule + " is not missed");
        }
    }

    @Test
    void everyConditionHasAClassOfItsOwn() {
        assertEquals(
                VerdictRule.class.getPermittedSubclasses().length,
                RULES.stream().map(VerdictRule::getClass).distinct().count());
    }

    private static long failures(Class<?> tests) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(tests))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        assertNotEquals(0, listener.getSummary().getTestsStartedCount(), "nothing ran");
        return listener.getSummary().getTestsFailedCount();
    }
}
