package dev.postern.virtio.queue;

import java.util.List;

/**
 * A picture of a queue for a person: where both sides stand, what they ask of each other, every chain that is outstanding, and what lies
 * in the ring. It is a copy, taken at one moment.
 *
 * <p>Lines with an asterisk show memory that the device can write. Nothing there was believed, and the picture is bounded whatever it
 * holds; all other lines are from the driver's own records.
 *
 * @param lines at most 100 columns each
 */
public record RingDump(List<String> lines) {

    /** Copies the lines. */
    public RingDump {
        lines = List.copyOf(lines);
    }

    /** All lines, each with its end. */
    @Override
    public String toString() {
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }
}
