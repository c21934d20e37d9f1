package dev.postern.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child process that never outlives this JVM, even one that is killed with SIGKILL.
 *
 * <p>The child is started by a small shell that holds the reading end of a pipe of ours. When we end, however that
 * happens, the system closes the pipe, and the shell kills the child. A parent-death signal (prctl(2),
 * PR_SET_PDEATHSIG) is no help here: it fires already when the <em>thread</em> ends that started the child.
 *
 * <p>The child reads an empty standard input. Its output and errors are kept together, the last lines of them, to be
 * shown when it fails.
 *
 * <p><b>Ownership:</b> whoever starts it closes it; an orderly end of the JVM closes it too. <b>Threads:</b> safe from
 * any thread.
 */
public final class ChildProcess implements AutoCloseable {

    /** How long {@link #close()} lets the child end by itself after SIGTERM before it sends SIGKILL. */
    private static final Duration GRACE = Duration.ofSeconds(3);

    /** What the system is given to start a process, or to end one after SIGKILL. */
    private static final Duration SYSTEM = Duration.ofSeconds(10);

    /**
     * The shell between us and the child. The inner shell says the process id that it keeps across exec, as the first
     * line. The reader of descriptor 3 has no output of its own, for it would hold the child's open. Signals of a
     * terminal go to the whole process group, and are left to the JVM.
     */
    private static final String WRAPPER = """
        trap '' INT HUP
        exec 3<&0
        /bin/sh -c 'echo $$; exec "$@"' sh "$@" </dev/null 3<&- &
        child=$!
        { read -r ignored <&3; kill -KILL $child; } >/dev/null 2>&1 &
        guard=$!
        wait $child 2>/dev/null
        status=$?
        kill -KILL $guard 2>/dev/null
        exit $status
        """;

    private final Process wrapper;
    private final ProcessHandle child;
    private final LastLines output;
    private final Thread reader;
    private final Thread shutdownHook;
    private volatile boolean suspended;

    private ChildProcess(Process wrapper, long pid, BufferedReader lines) {
        this.wrapper = wrapper;
        // The handle knows the start time of its process and so never signals another that got the same id later.
        // A child that has gone already has no handle; the wrapper's will do, for it goes too.
        this.child = ProcessHandle.of(pid).orElse(wrapper.toHandle());
        this.output = new LastLines();
        this.reader = Thread.ofPlatform().daemon().name("output-of-" + pid).unstarted(() -> output.readAll(lines));
        this.shutdownHook = Thread.ofPlatform().name("end-" + pid).unstarted(this::end);
    }

    /**
     * Starts a program. That the program could not be executed is seen as an exit status of 126 or 127.
     *
     * @param command the program, found on PATH when it holds no slash, and its arguments
     * @throws IOException when no process could be started
     */
    public static ChildProcess start(List<String> command) throws IOException {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", WRAPPER, "sh"));
        line.addAll(command);
        Process wrapper = new ProcessBuilder(line).redirectErrorStream(true).start();
        BufferedReader lines = wrapper.inputReader(StandardCharsets.UTF_8);
        ChildProcess process;
        try {
            process = new ChildProcess(wrapper, firstLineAsPid(wrapper, lines), lines);
        } catch (IOException e) {
            wrapper.destroyForcibly();
            wrapper.getOutputStream().close();
            throw e;
        }
        process.reader.start();
        // The JDK closes the pipe only after the output has ended, which a child that lost its shell still holds.
        wrapper.onExit().thenRun(process::closePipe);
        try {
            Runtime.getRuntime().addShutdownHook(process.shutdownHook);
        } catch (IllegalStateException e) {
            process.end();
            throw new IOException("cannot start " + command.getFirst() + ": this program is ending", e);
        }
        return process;
    }

    private static long firstLineAsPid(Process wrapper, BufferedReader lines) throws IOException {
        // Should the shell hang before it has said anything, its end makes the read below return.
        Future<?> watchdog = wrapper.onExit()
                .orTimeout(SYSTEM.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(late -> {
                    wrapper.destroyForcibly();
                    return wrapper;
                });
        String line = lines.readLine();
        watchdog.cancel(false);
        try {
            return Long.parseLong(String.valueOf(line));
        } catch (NumberFormatException e) {
            throw new IOException("cannot start a process: /bin/sh said \"" + line + "\" instead of a process id", e);
        }
    }

    /** The process id of the child itself, not of the shell around it. */
    public long pid() {
        return child.pid();
    }

    /** Whether the child still runs. */
    public boolean isAlive() {
        return wrapper.isAlive();
    }

    /** Ends the child at once (SIGKILL). It is gone when {@link #isAlive()} says so. */
    public void kill() {
        child.destroyForcibly();
    }

    /** Stops the child until {@link #resume()} (SIGSTOP). One that has ended stays so. */
    public void suspend() {
        suspended = true;
        ProcessSignal.STOP.send(child);
    }

    /** Lets the child go on (SIGCONT). */
    public void resume() {
        ProcessSignal.CONTINUE.send(child);
        suspended = false;
    }

    /** The child's exit status, 128 + N when signal N ended it; empty while it runs. */
    public OptionalInt exitStatus() {
        return wrapper.isAlive() ? OptionalInt.empty() : OptionalInt.of(wrapper.exitValue());
    }

    /**
     * Waits until the child has ended and its last output has been read. An interrupt ends the wait and stays set.
     *
     * @return whether it has ended in time
     */
    public boolean awaitExit(Duration limit) {
        boolean interrupted = false;
        try {
            if (!wrapper.waitFor(limit)) {
                return false;
            }
            // A grandchild may hold the output open; then we go without its words.
            reader.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !wrapper.isAlive();
    }

    /** The last lines of output and errors, oldest first; at most 50. */
    public List<String> lastLines() {
        return output.lines();
    }

    /** How it ended and what it said last, as part of one line for a person; or that it still runs. */
    public String describe() {
        OptionalInt status = exitStatus();
        String end;
        if (status.isEmpty()) {
            end = "process " + pid() + " still runs";
        } else if (status.getAsInt() > 128) {
            end = "process %d was ended by signal %d".formatted(pid(), status.getAsInt() - 128);
        } else {
            end = "process %d ended with status %d".formatted(pid(), status.getAsInt());
        }
        String words = output.inOneLine();
        return words.isEmpty() ? end : end + ", its last words: " + words;
    }

    /**
     * Ends the child: SIGTERM, three seconds of patience, SIGKILL. Returns when it has gone. Safe to call twice; an
     * interrupt does not keep it from its work and stays set.
     */
    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The JVM is ending and the hook runs or has run: it finds nothing left to do.
        }
    }

    private void end() {
        if (wrapper.isAlive()) {
            child.destroy();
            if (suspended) {
                // It hears nothing else.
                resume();
            }
            if (!awaitEnd(GRACE)) {
                child.destroyForcibly();
                awaitEnd(SYSTEM);
            }
        }
        closePipe();
    }

    /** Makes the guard kill the child, should it still be there. */
    private void closePipe() {
        try {
            wrapper.getOutputStream().close();
        } catch (IOException e) {
            // The pipe has gone with the shell that read it, which is what was wanted.
        }
    }

    private boolean awaitEnd(Duration limit) {
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                try {
                    wrapper.onExit().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException | ExecutionException e) {
                    return false;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
