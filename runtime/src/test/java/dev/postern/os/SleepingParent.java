package dev.postern.os;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A program for {@link ChildProcessTest}: starts a child, says its process id, and waits to be killed. */
final class SleepingParent {

    private SleepingParent() {}

    public static void main(String[] arguments) throws IOException {
        try (ChildProcess child = ChildProcess.start(List.of("sleep", "600"))) {
            System.out.println(child.pid());
            if (arguments.length == 0) {
                child.awaitExit(Duration.ofSeconds(600));
            } else {
                System.exit(0);
            }
        }
    }
}
