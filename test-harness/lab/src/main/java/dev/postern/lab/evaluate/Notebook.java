package dev.postern.lab.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Where a cell writes down what it sees while it runs; each note is a line of its trace too. One thread uses it. */
final class Notebook {

    private final Consumer<String> trace;
    private BringUp bringUp = new BringUp.NoGuest("it was not booted");
    private MemoryPromise promise = MemoryPromise.OPEN;
    private final List<String> privateReads = new ArrayList<>();
    private final List<String> wrongReads = new ArrayList<>();
    private final List<String> wrongImage = new ArrayList<>();
    private final List<String> strayWrites = new ArrayList<>();
    private final List<String> openMemory = new ArrayList<>();
    private final List<String> failedRequests = new ArrayList<>();
    private final List<String> shutdownTrouble = new ArrayList<>();

    /**
     * An empty one.
     *
     * @param trace told of each step, noteworthy or not
     */
    Notebook(Consumer<String> trace) {
        this.trace = trace;
    }

    void step(String line) {
        trace.accept(line);
    }

    void bringUp(BringUp how) {
        bringUp = how;
        step(how.toString());
    }

    void promise(MemoryPromise what) {
        promise = what;
        step("memory that is not shared: " + what);
    }

    void privateRead(String line) {
        note(privateReads, line);
    }

    void wrongRead(String line) {
        note(wrongReads, line);
    }

    void wrongImage(String line) {
        note(wrongImage, line);
    }

    void strayWrite(String line) {
        note(strayWrites, line);
    }

    void openMemory(String line) {
        note(openMemory, line);
    }

    void failedRequest(String line) {
        note(failedRequests, line);
    }

    void shutdownTrouble(String line) {
        note(shutdownTrouble, line);
    }

    private void note(List<String> lines, String line) {
        lines.add(line);
        step(line);
    }

    Observation observation() {
        return new Observation(
                bringUp,
                promise,
                privateReads,
                wrongReads,
                wrongImage,
                strayWrites,
                openMemory,
                failedRequests,
                shutdownTrouble);
    }
}
