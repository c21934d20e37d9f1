package dev.postern.lab;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.CancellationToken;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherExecutionRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * A test run from within a test.
 *
 * @param succeeded how many tests were green
 * @param aborted how many gave up
 * @param exceptions what went wrong in the others
 */
record InnerRun(long succeeded, long aborted, List<Throwable> exceptions) {

    /** What went wrong, in words. */
    List<String> failures() {
        return exceptions.stream().map(String::valueOf).toList();
    }

    /** Runs every test method of that name. */
    static InnerRun of(Class<?> testClass, String method) {
        return run(testClass, method, new SummaryGeneratingListener(), CancellationToken.disabled());
    }

    /** The same, until the first goes wrong: one is enough to know. */
    static InnerRun untilOneFails(Class<?> testClass, String method) {
        CancellationToken token = CancellationToken.create();
        SummaryGeneratingListener listener = new SummaryGeneratingListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                super.executionFinished(test, result);
                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                    token.cancel();
                }
            }
        };
        return run(testClass, method, listener, token);
    }

    private static InnerRun run(
            Class<?> testClass, String method, SummaryGeneratingListener listener, CancellationToken token) {
        String[] parameters = Arrays.stream(testClass.getDeclaredMethods())
                .filter(candidate -> candidate.getName().equals(method))
                .findFirst()
                .map(found -> Arrays.stream(found.getParameterTypes())
                        .map(Class::getName)
                        .toArray(String[]::new))
                .orElseThrow(() -> new AssertionError("no test " + method + " in " + testClass));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(testClass.getName(), method, String.join(", ", parameters)))
                .build();
        LauncherFactory.create()
                .execute(LauncherExecutionRequestBuilder.request(request)
                        .listeners(listener)
                        .cancellationToken(token)
                        .build());
        TestExecutionSummary summary = listener.getSummary();
        return new InnerRun(
                summary.getTestsSucceededCount(),
                summary.getTestsAbortedCount(),
                summary.getFailures().stream()
                        .map(TestExecutionSummary.Failure::getException)
                        .toList());
    }
}
