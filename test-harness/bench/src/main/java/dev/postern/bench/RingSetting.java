package dev.postern.bench;

import java.util.List;

/**
 * What a JVM of {@code bench ring} runs.
 *
 * @param ring the kind of queue
 * @param code whether its queues are specialised
 * @param backends how many DMA backends are live and used; 0 for the ring alone, without mapping
 */
record RingSetting(RingKind ring, RingCode code, int backends) {

    /** Whose code runs. */
    enum RingCode {
        /** That of the class, for all queues. */
        PLAIN,
        /** A copy for each queue, in which what is constant to it is constant. */
        SPECIALISED
    }

    /** From its words. */
    static RingSetting of(String... words) {
        return new RingSetting(RingKind.valueOf(words[0]), RingCode.valueOf(words[1]), Integer.parseInt(words[2]));
    }

    /** Its words. */
    List<String> words() {
        return List.of(ring.name(), code.name(), Integer.toString(backends));
    }
}
