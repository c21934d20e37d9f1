package dev.postern.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --record}: a flight recording beside the log. */
class RecordTest {

    @TempDir
    Path folder;

    @Test
    void aBootIsRecordedAndTheLogSaysHowToLook() throws IOException {
        Path file = folder.resolve("boot.jfr");
        CommandCall call =
                CommandCall.of("boot", "--device", "blk,size=1M", "--app", "digest", "--record", file.toString());
        assertEquals(0, call.status(), call.err());
        assertTrue(call.out().contains("recording"), call.out());
        assertTrue(call.out().contains("jfr print --events 'dev.postern.*'"), call.out());
        assertEquals(
                Set.of(
                        "dev.postern.Burst",
                        "dev.postern.Interrupt",
                        "dev.postern.Kick",
                        "dev.postern.Map",
                        "dev.postern.Unmap"),
                names(file));
    }

    @Test
    void aBounceIsRecordedWithItsCopies() throws IOException {
        Path file = folder.resolve("bounce.jfr");
        CommandCall call = CommandCall.of(
                "bounce", "--platform", "sev-snp", "--device", "blk,size=1M", "--record", file.toString());
        assertEquals(0, call.status(), call.err());
        assertTrue(call.out().contains("jfr summary"), call.out());
        assertTrue(names(file).contains("dev.postern.Bounce"), names(file)::toString);
    }

    @Test
    void aFileThatCannotBeWrittenIsAWrongCall() {
        CommandCall call = CommandCall.of(
                "boot", "--record", folder.resolve("none/boot.jfr").toString());
        assertEquals(2, call.status());
        assertEquals(1, call.errLines().size(), call.err());
        assertTrue(call.err().contains("--record"), call.err());
    }

    private static Set<String> names(Path file) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .map(event -> event.getEventType().getName())
                .filter(name -> name.startsWith("dev.postern."))
                .collect(Collectors.toSet());
    }
}
