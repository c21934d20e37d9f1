package dev.postern.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class ChildProcessTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void theExitStatusOfTheChildIsKept() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("/bin/sh", "-c", "exit 7"))) {
            assertTrue(child.awaitExit(LONG));
            assertEquals(OptionalInt.of(7), child.exitStatus());
            assertEquals("process " + child.pid() + " ended with status 7", child.describe());
        }
    }

    @Test
    void aSignalThatEndedTheChildIsNamed() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("sleep", "600"))) {
            assertTrue(child.isAlive());
            assertEquals(OptionalInt.empty(), child.exitStatus());
            ProcessHandle.of(child.pid()).orElseThrow().destroyForcibly();
            assertTrue(child.awaitExit(LONG));
            assertEquals(OptionalInt.of(128 + 9), child.exitStatus());
            assertTrue(child.describe().endsWith("was ended by signal 9"), child.describe());
        }
    }

    @Test
    void thePidIsOfTheProgramNotOfTheShell() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("sleep", "600"))) {
            // The inner shell becomes the program by exec; until then the old name shows.
            await(() -> ProcessHandle.of(child.pid())
                    .flatMap(process -> process.info().command())
                    .filter(command -> command.endsWith("sleep") || command.endsWith("coreutils"))
                    .isPresent());
        }
    }

    @Test
    void argumentsReachTheProgramUnchanged() throws IOException {
        List<String> odd = List.of("a b", "c,d", "$HOME", "'\"", "*", "", "-x");
        List<String> command = new ArrayList<>(List.of("printf", "[%s]\\n"));
        command.addAll(odd);
        try (ChildProcess child = ChildProcess.start(command)) {
            assertTrue(child.awaitExit(LONG));
            assertEquals(odd.stream().map(word -> "[" + word + "]").toList(), child.lastLines());
        }
    }

    @Test
    void onlyTheLastLinesAreKeptAndTheyAreShown() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("/bin/sh", "-c", "seq 1 1000; echo why >&2; exit 1"))) {
            assertTrue(child.awaitExit(LONG));
            assertEquals(50, child.lastLines().size());
            assertEquals("why", child.lastLines().getLast());
            assertTrue(
                    child.describe().endsWith("ended with status 1, its last words: 997; 998; 999; 1000; why"),
                    child.describe());
        }
    }

    @Test
    void aLineWithoutEndDoesNotFillMemory() throws IOException {
        LastLines lines = new LastLines();
        lines.add("x".repeat(1 << 20));
        assertEquals(2000, lines.lines().getFirst().length());
        assertEquals(601, lines.inOneLine().length());
    }

    @Test
    void aProgramThatDoesNotExistEndsWithStatus127() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("/nonexistent/program"))) {
            assertTrue(child.awaitExit(LONG));
            assertEquals(OptionalInt.of(127), child.exitStatus());
            assertTrue(child.describe().contains("not found"), child.describe());
        }
    }

    @Test
    void closeEndsAChildThatIgnoresTheRequest() throws IOException {
        ChildProcess child =
                ChildProcess.start(List.of("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"));
        await(() -> child.lastLines().contains("ready"));
        child.close();
        assertGone(child.pid());
        child.close();
    }

    @Test
    void closeWorksInAnInterruptedThreadWhichStaysInterrupted() throws IOException {
        ChildProcess child = ChildProcess.start(List.of("sleep", "600"));
        Thread.currentThread().interrupt();
        child.close();
        assertTrue(Thread.interrupted());
        assertGone(child.pid());
    }

    @Test
    void aChildThatIsKilledIsGoneAtOnceThoughItIgnoresRequests() throws IOException {
        try (ChildProcess child =
                ChildProcess.start(List.of("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"))) {
            await(() -> child.lastLines().contains("ready"));
            child.kill();
            child.kill();
            assertTrue(child.awaitExit(LONG));
            assertEquals(OptionalInt.of(128 + 9), child.exitStatus());
            child.suspend();
            child.resume();
        }
    }

    @Test
    void aChildThatIsSuspendedStopsAndGoesOn() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("sleep", "600"))) {
            child.suspend();
            await(() -> stateOf(child) == 'T');
            assertTrue(child.isAlive());
            child.resume();
            await(() -> stateOf(child) == 'S');
        }
    }

    @Test
    void aSuspendedChildIsClosedWithoutPatience() throws IOException {
        ChildProcess child = ChildProcess.start(List.of("sleep", "600"));
        child.suspend();
        await(() -> stateOf(child) == 'T');
        child.close();
        assertEquals(OptionalInt.of(128 + 15), child.exitStatus());
    }

    /** The letter after the program's name in proc_pid_stat(5). */
    private static char stateOf(ChildProcess child) {
        try {
            String state = Files.readString(Path.of("/proc/" + child.pid() + "/stat"));
            return state.charAt(state.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theChildDiesWithTheShellAroundIt() throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("sleep", "600"))) {
            ProcessHandle shell =
                    ProcessHandle.of(child.pid()).orElseThrow().parent().orElseThrow();
            assertTrue(shell.pid() != ProcessHandle.current().pid());
            shell.destroyForcibly();
            assertGone(child.pid());
            assertFalse(child.isAlive());
        }
    }

    @Test
    void theChildDiesWithAJvmThatIsKilled() throws Exception {
        Process parent = startParent(List.of());
        try (BufferedReader said = parent.inputReader()) {
            long pid = Long.parseLong(said.readLine());
            assertTrue(ProcessHandle.of(pid).isPresent());
            parent.destroyForcibly();
            assertGone(pid);
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void theChildDiesWithAJvmThatExits() throws Exception {
        Process parent = startParent(List.of("exit"));
        try (BufferedReader said = parent.inputReader()) {
            long pid = Long.parseLong(said.readLine());
            assertTrue(parent.waitFor(LONG.toSeconds(), TimeUnit.SECONDS));
            assertGone(pid);
        } finally {
            parent.destroyForcibly();
        }
    }

    private static Process startParent(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classPath()));
        command.add(SleepingParent.class.getName());
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The folders of the class and of the test, wherever the build put them. */
    private static String classPath() throws Exception {
        List<String> roots = new ArrayList<>();
        for (Class<?> type : List.of(ChildProcess.class, SleepingParent.class)) {
            String name = "/" + type.getName().replace('.', '/') + ".class";
            URI uri = type.getResource(name).toURI();
            String text = uri.getScheme().equals("jar") ? uri.getSchemeSpecificPart() : uri.toString();
            String root = text.substring(0, text.length() - name.length());
            roots.add(Path.of(URI.create(root.endsWith("!") ? root.substring(0, root.length() - 1) : root))
                    .toString());
        }
        return String.join(":", roots);
    }

    /** A process that nobody has buried yet is gone all the same; it shows no program. */
    private static void assertGone(long pid) {
        await(() -> ProcessHandle.of(pid)
                .filter(process -> process.info().command().isPresent())
                .isEmpty());
    }

    /** Looks again and again, with a bound, at something that tells nobody when it changes. */
    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "nothing happened for " + LONG.toSeconds() + " seconds");
            Thread.onSpinWait();
        }
    }
}
