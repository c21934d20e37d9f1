package dev.postern.lab;

import dev.postern.virtio.DeviceDeadException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What several looks at a trial's end have found: each look is taken, whatever the one before it found. */
final class Findings {

    /** One look. */
    @FunctionalInterface
    interface Step {
        void run() throws DeviceDeadException;
    }

    private final List<Throwable> found = new ArrayList<>();

    /** Takes a look and keeps what it throws. */
    void look(Step step) {
        try {
            step.run();
        } catch (DeviceDeadException | RuntimeException | AssertionError e) {
            found.add(e);
        }
    }

    /** Looks at something that must be empty. */
    void expectNone(String what, Supplier<? extends List<?>> list) {
        look(() -> assertNone(what, list.get()));
    }

    /** What another has found comes behind what this one has. */
    void addAll(Findings others) {
        found.addAll(others.found);
    }

    /** Throws the first finding, with the others as suppressed ones. */
    void report() throws DeviceDeadException {
        if (found.isEmpty()) {
            return;
        }
        Throwable first = found.getFirst();
        for (Throwable other : found) {
            // A dead machine may throw one exception again and again.
            if (other != first) {
                first.addSuppressed(other);
            }
        }
        switch (first) {
            case DeviceDeadException dead -> throw dead;
            case RuntimeException broken -> throw broken;
            case Error error -> throw error;
            default -> throw new IllegalStateException(first);
        }
    }

    /**
     * Asserts that there is nothing.
     *
     * @param what it would be
     * @throws AssertionError with one line for each thing there is
     */
    static void assertNone(String what, List<?> things) {
        if (!things.isEmpty()) {
            StringBuilder lines = new StringBuilder(what).append(':');
            things.forEach(
                    thing -> lines.append(System.lineSeparator()).append("  ").append(thing));
            throw new AssertionError(
                    lines.append(System.lineSeparator()).append(Seed.words()).toString());
        }
    }
}
