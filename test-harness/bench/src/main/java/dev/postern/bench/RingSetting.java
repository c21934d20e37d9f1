package dev.postern.bench;

import dev.postern.virtio.queue.QueueOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * What a JVM of {@code bench ring} runs.
 *
 * @param ring the kind of queue
 * @param code whether its queues are specialised
 * @param backends how many DMA backends are live and used; 0 for the ring alone, without mapping
 */
record RingSetting(RingKind ring, QueueOptions.Code code, int backends) {

    /** From its words. */
    static RingSetting of(String... words) {
        return new RingSetting(
                RingKind.valueOf(words[0]), QueueOptions.Code.valueOf(words[1]), Integer.parseInt(words[2]));
    }

    /** The words that start the Java side with it. */
    List<String> program() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                RingProgram.class.getName(),
                ring.name(),
                code.name(),
                Integer.toString(backends));
    }
}
