package dev.postern.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.boot.BootOptions;
import dev.postern.boot.ForcedPlan;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaDirection;
import dev.postern.facts.Fact;
import dev.postern.lab.Seed;
import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import dev.postern.quirks.QuirkTable;
import dev.postern.virtio.FeatureSet;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Guests that are wrong on purpose: what the device does gives each away, and no cell of theirs looks like one that works. */
class WrongCellsTest {

    private static final int EVENT_IDX = 29;

    private static final List<String> SECURE =
            List.of("sev", "sev-es", "sev-snp", "tdx", "pseries-svm", "cca", "s390-pv", "pkvm", "hyperv-vtom");

    private static final long FRAME = 4096;

    @TempDir
    Path folder;

    private CellResult run(String id, UnaryOperator<BootOptions> adjusted) throws IOException {
        Cell cell = CellSpace.ofEmulated().cell(id).orElseThrow();
        CellResult result = new CellRun(QuirkTable.shipped(), folder, _ -> {}, adjusted).run(cell, Seed.value());
        assertEquals(cell.seed(Seed.value()), result.seed());
        return result;
    }

    private static UnaryOperator<BootOptions> claiming(FactName fact, String value) {
        return options -> options.withClaims(options.claims().with(fact, Fact.of(value, "claim of a test")));
    }

    static Stream<String> secure() {
        return SECURE.stream();
    }

    @ParameterizedTest
    @MethodSource("secure")
    void privateAddressesForRingsAndBuffersAreABadVerdict(String preset) throws IOException {
        expectBad(run(preset + "/va/ordinary/serve", options -> options.withForced(ForcedPlan.DIRECT)));
    }

    @ParameterizedTest
    @MethodSource("secure")
    void privateAddressesForBuffersAreABadVerdict(String preset) throws IOException {
        expectBad(run(preset + "/va/ordinary/serve", options -> options.withForced(ForcedPlan.DIRECT_DATA)));
    }

    private static void expectBad(CellResult result) {
        assertTrue(
                Set.of(Verdict.LEAKS, Verdict.CORRUPTS, Verdict.FAILS).contains(result.verdict()),
                result + ", " + Seed.words());
        assertFalse(result.evidence().isEmpty(), result.toString());
    }

    @ParameterizedTest
    @MethodSource("secure")
    void theSameCellWithTheDecidedPlanWorks(String preset) throws IOException {
        CellResult result = run(preset + "/va/ordinary/serve", UnaryOperator.identity());
        assertEquals(Verdict.WORKS, result.verdict(), result.toString());
        assertEquals(List.of(), result.evidence());
    }

    @Test
    void aNarrowDeviceOfWhichNobodyToldTheGuestWritesItsMarksIntoOtherMemory() throws IOException {
        CellResult result = run("plain/va/narrow/serve", options -> options.withClaims(FactSheet.EMPTY));
        // It does not find its rings, and with EVENT_IDX it also stores at which index it wants to be notified.
        assertEquals(Verdict.CORRUPTS, result.verdict(), result + ", " + Seed.words());
    }

    @Test
    void aNarrowDeviceOfWhichNobodyToldTheGuestDoesNotFindItsRings() throws IOException {
        CellResult result = run(
                "plain/va/narrow/serve",
                options -> options.withClaims(FactSheet.EMPTY).withWithheld(FeatureSet.of(EVENT_IDX)));
        assertEquals(Verdict.FAILS, result.verdict(), result + ", " + Seed.words());
    }

    @Test
    void aNarrowDeviceThatFindsItsRingsAndNotItsBuffersCorruptsMemory() throws IOException {
        CellResult result = run("plain/va/narrow/serve", options -> lowRings(options.withClaims(FactSheet.EMPTY)));
        assertEquals(Verdict.CORRUPTS, result.verdict(), result + ", " + Seed.words());
        assertTrue(result.unacceptable());
        String evidence = String.join("\n", result.evidence());
        assertTrue(evidence.contains("changed at"), evidence);
    }

    @Test
    void aNarrowDeviceOfWhichTheGuestWasToldWorks() throws IOException {
        CellResult result = run("plain/va/narrow/serve", UnaryOperator.identity());
        assertEquals(Verdict.WORKS, result.verdict(), result.toString());
        assertEquals("Bounced over Direct", result.plan());
    }

    @Test
    void aPoolThatKeepsADeviceFromNothingIsUnprotectedAndTheGuestWasNotTold() throws IOException {
        CellResult result = run("plain/va/ordinary/serve", claiming(FactName.REACH, "restricted-pool"));
        assertEquals(Verdict.UNPROTECTED, result.verdict(), result.toString());
        assertEquals(Optional.of(Awareness.UNTOLD), result.awareness());
        assertTrue(result.unacceptable());
    }

    @Test
    void aDeviceInAnOutsidePortWithoutAnIommuIsUnprotectedAndTheGuestWasTold() throws IOException {
        CellResult result = run("plain/va/external/serve", UnaryOperator.identity());
        assertEquals(Verdict.UNPROTECTED, result.verdict(), result.toString());
        assertEquals(Optional.of(Awareness.TOLD), result.awareness());
        assertFalse(result.unacceptable());
    }

    @Test
    void aDeviceThatReadsBesideTheBufferLeaks() throws IOException {
        CellResult result = run(
                "plain/va/ordinary/serve",
                claiming(FactName.REACH, "restricted-pool")
                        .andThen(options -> options.withForced(ForcedPlan.DIRECT))
                        .andThen(WrongCellsTest::aPageOff)::apply);
        assertEquals(Verdict.LEAKS, result.verdict(), result + ", " + Seed.words());
        assertTrue(result.unacceptable());
    }

    /** Contexts that give the device the page behind a long buffer from which it reads. */
    private static BootOptions aPageOff(BootOptions options) {
        BootOptions.ContextOpener honest = options.contexts();
        return options.withContexts((plan, memory, limits, rules, device) -> {
            DmaContext context = honest.open(plan, memory, limits, rules, device);
            Set<Object> tokens = new HashSet<>();
            return changed(context, (method, arguments, call) -> {
                Object answer = call.call();
                if (method.equals("map") && arguments[2] == DmaDirection.TO_DEVICE && (long) arguments[1] > FRAME) {
                    tokens.add(answer);
                }
                return method.equals("deviceAddress") && tokens.contains(arguments[0]) ? (long) answer + FRAME : answer;
            });
        });
    }

    /** Contexts whose rings lie low, and which believe that the device reaches every buffer. */
    private static BootOptions lowRings(BootOptions options) {
        BootOptions.ContextOpener honest = options.contexts();
        return options.withContexts((plan, memory, limits, rules, device) -> {
            DmaContext context = honest.open(plan, memory, limits, rules, device);
            DmaConstraints narrow = new DmaConstraints(32, Long.MAX_VALUE, 0, 0);
            DmaContext low = honest.open(plan, memory, narrow, rules, device);
            return changed(context, (method, arguments, call) -> switch (method) {
                case "allocateCoherent" -> low.allocateCoherent((long) arguments[0], (long) arguments[1]);
                case "close" -> {
                    low.close();
                    yield call.call();
                }
                default -> call.call();
            });
        });
    }

    private interface Change {
        Object on(String method, Object[] arguments, Callable<Object> call) throws Exception;
    }

    private static DmaContext changed(DmaContext context, Change change) {
        return (DmaContext) Proxy.newProxyInstance(
                DmaContext.class.getClassLoader(), new Class<?>[] {DmaContext.class}, (proxy, method, arguments) -> {
                    if (method.isDefault()) {
                        // Lists are mapped range by range, through here.
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    try {
                        return change.on(method.getName(), arguments, () -> method.invoke(context, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aStrictGuestRefusesADeviceWithoutAccessPlatformAndSaysWhy() throws IOException {
        CellResult result = run("tdx/v/ordinary/strict", UnaryOperator.identity());
        assertEquals(Verdict.REFUSED, result.verdict(), result.toString());
        assertEquals("none", result.plan());
        assertTrue(result.evidence().getFirst().contains("ACCESS_PLATFORM"), result.toString());
    }

    @Test
    void aPlanThatNoBackendCarriesOutIsRefused() throws IOException {
        CellResult result = run(
                "plain/va/ordinary/serve",
                claiming(FactName.IOMMU_STATE, "up").andThen(claiming(FactName.IOMMU_KIND, "intel"))::apply);
        assertEquals(Verdict.REFUSED, result.verdict(), result.toString());
        assertEquals("Translated by intel", result.plan());
    }

    @Test
    void aRowHasTheLastWordOverAClaimThatMemoryIsOpen() throws IOException {
        CellResult result = run("sev/va/ordinary/serve", claiming(FactName.REACH, "all-of-ram"));
        assertEquals(Verdict.WORKS, result.verdict(), result.toString());
        assertTrue(result.rows().contains("sev"), result.toString());
    }
}
