package dev.postern.lab.backend;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What happened at a back-end, for the test that looks. Safe from any thread. */
final class BackendDiary {

    private static final int MOST_LINES = 1000;

    /**
     * A region of memory that was given.
     *
     * @param guest its first guest address
     * @param size in bytes
     */
    record Region(long guest, long size) {}

    private final List<String> violations = new ArrayList<>();
    private final List<String> panics = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<List<String>> messages = new ArrayList<>();
    private final List<Region> regions = new ArrayList<>();
    private long answered;
    private long kicks;
    private int answers;
    private int held;

    private void add(List<String> lines, String line) {
        if (lines.size() < MOST_LINES) {
            lines.add(line);
        }
        notifyAll();
    }

    /** Waits until there is any violation, panic or note; false when there is none within the limit. */
    synchronized boolean awaitTrouble(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (violations.isEmpty() && panics.isEmpty() && notes.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    synchronized void violation(String line) {
        add(violations, line);
    }

    synchronized void panic(String line) {
        add(panics, line);
    }

    synchronized void note(String line) {
        add(notes, line);
    }

    synchronized void connected() {
        messages.add(new ArrayList<>());
        notifyAll();
    }

    synchronized void message(int connection, String name) {
        messages.get(connection).add(name);
        notifyAll();
    }

    synchronized String last(int connection) {
        List<String> ofIt = messages.get(connection);
        return ofIt.isEmpty() ? "none" : ofIt.getLast();
    }

    synchronized void region(long guest, long size) {
        regions.add(new Region(guest, size));
    }

    synchronized void answered() {
        answered++;
        notifyAll();
    }

    synchronized void held(int number) {
        held = number;
        notifyAll();
    }

    /** Waits until so many requests are held; false when they are not within the limit. */
    synchronized boolean awaitHeld(int number, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (held < number) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    synchronized void kick() {
        kicks++;
    }

    synchronized void answers(int count) {
        answers = count;
        notifyAll();
    }

    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    synchronized List<String> panics() {
        return List.copyOf(panics);
    }

    synchronized List<String> notes() {
        return List.copyOf(notes);
    }

    synchronized List<String> messages(int connection) {
        return connection < messages.size() ? List.copyOf(messages.get(connection)) : List.of();
    }

    synchronized int connections() {
        return messages.size();
    }

    synchronized List<Region> regions() {
        return List.copyOf(regions);
    }

    synchronized long answeredRequests() {
        return answered;
    }

    synchronized long kicks() {
        return kicks;
    }

    synchronized int channelAnswers() {
        return answers;
    }
}
