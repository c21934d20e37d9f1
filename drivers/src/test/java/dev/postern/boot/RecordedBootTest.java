package dev.postern.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.app.Digest;
import dev.postern.app.Progress;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.emulated.MachineBuilder;
import dev.postern.emulated.Platform;
import dev.postern.emulated.SeededDisk;
import dev.postern.emulated.VirtioOptions;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.virtio.InterruptMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording shows of a guest whose one disk bounces and lies once. */
class RecordedBootTest {

    private static final long BYTES = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void everyKindOfEventTellsWhatHappened() throws Exception {
        Map<String, List<RecordedEvent>> events = recorded(InterruptMode.MSIX);
        assertEquals(
                List.of("Bounce", "Burst", "Interrupt", "Kick", "Map", "Unmap", "Violation"),
                events.keySet().stream().toList());

        List<RecordedEvent> bursts = events.get("Burst");
        bursts.forEach(burst -> assertEquals("blk0", burst.getString("device")));
        bursts.forEach(burst -> assertEquals(0, burst.getInt("queue")));
        bursts.forEach(burst -> assertTrue(burst.getLong("chains") > 0, burst::toString));
        List<RecordedEvent> kicks = events.get("Kick");
        kicks.forEach(kick -> assertEquals("blk0", kick.getString("device")));
        assertEquals(
                bursts.stream().filter(burst -> burst.getBoolean("notified")).count(),
                kicks.size(),
                "the device is notified when it wants to be, and only then");

        events.get("Interrupt").forEach(interrupt -> assertEquals(-1, interrupt.getInt("line")));
        events.get("Interrupt").forEach(interrupt -> assertTrue(interrupt.getBoolean("handled")));
        assertTrue(
                events.get("Interrupt").stream()
                        .anyMatch(interrupt -> interrupt.getString("vector").startsWith("00:01.0 ")),
                events.get("Interrupt")::toString);

        List<RecordedEvent> maps = events.get("Map");
        List<RecordedEvent> unmaps = events.get("Unmap");
        assertEquals(maps.size(), unmaps.size(), "every mapping ended");
        assertEquals(sum(maps, "length"), sum(unmaps, "length"));
        maps.forEach(map -> assertTrue(map.getString("context").startsWith("blk0 (Bounced"), map::toString));
        maps.forEach(map -> assertFalse(map.getLong("pa") == map.getLong("deviceAddress"), map::toString));
        long data = unmaps.stream()
                .filter(unmap -> unmap.getString("direction").equals("FROM_DEVICE"))
                .mapToLong(unmap -> unmap.getLong("written"))
                .sum();
        assertEquals(BYTES, data, "the disk was read once");

        long back = events.get("Bounce").stream()
                .filter(bounce -> !bounce.getBoolean("toDevice"))
                .mapToLong(bounce -> bounce.getLong("copied"))
                .sum();
        assertTrue(back > BYTES, "data and status bytes came back: " + back);
        assertTrue(
                events.get("Bounce").stream().noneMatch(bounce -> bounce.getBoolean("toDevice")),
                "headers lie where both sides see them");

        assertEquals(1, events.get("Violation").size());
        RecordedEvent violation = events.get("Violation").getFirst();
        assertEquals("blk0", violation.getString("device"));
        assertEquals(0, violation.getInt("queue"));
        assertTrue(violation.getLong("entry") >= 0, violation::toString);
        assertTrue(violation.getString("fault").contains("65537"), violation::toString);
    }

    @Test
    void aLineThatIsHeldIsAnInterruptOfItsOpeners() throws Exception {
        List<RecordedEvent> interrupts = recorded(InterruptMode.INTX).get("Interrupt");
        assertTrue(interrupts.stream().anyMatch(interrupt -> interrupt.getBoolean("handled")), interrupts::toString);
        interrupts.forEach(interrupt -> assertTrue(interrupt.getInt("line") >= 0, interrupt::toString));
        interrupts.forEach(
                interrupt -> assertTrue(interrupt.getString("vector").startsWith("00:01.0 "), interrupt::toString));
    }

    private Map<String, List<RecordedEvent>> recorded(InterruptMode mode) throws Exception {
        Path file = folder.resolve("boot.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            bootAndRead(mode);
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.postern."))
                .collect(Collectors.groupingBy(
                        event -> event.getEventType().getName().substring("dev.postern.".length()),
                        TreeMap::new,
                        Collectors.toList()));
    }

    private static void bootAndRead(InterruptMode mode) throws Exception {
        MachineBuilder builder = EmulatedMachine.builder()
                .platform(Platform.SEV_SNP)
                .device(SeededDisk.of(BYTES, 7).virtio(VirtioOptions.DEFAULTS.mischief(new TamperUsedId(1, 0x10001))));
        try (EmulatedMachine machine = builder.build();
                BootedGuest guest = Boot.start(machine, BootOptions.defaults().withInterrupts(mode), event -> {})) {
            new Digest().run(guest.guest(Progress.NONE));
        }
    }

    private static long sum(List<RecordedEvent> events, String field) {
        ToLongFunction<RecordedEvent> value = event -> event.getLong(field);
        return events.stream().mapToLong(value).sum();
    }
}
