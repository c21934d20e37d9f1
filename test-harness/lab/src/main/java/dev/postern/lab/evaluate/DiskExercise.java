package dev.postern.lab.evaluate;

import dev.postern.dma.DmaMappingException;
import dev.postern.lab.Canary;
import dev.postern.memory.PhysicalMemory;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.VirtioException;
import dev.postern.virtio.blk.BlkDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Reads and writes a disk through its driver from every buffer, and compares every byte that the device said was right. Requests that
 * fail are noted, and the next one is tried.
 */
final class DiskExercise {

    /** Of the simulated clock: a dead device costs no more of the real one. */
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private final BlkDevice disk;
    private final PhysicalMemory memory;
    private final Canary canary;
    private final ImageContent content;
    private final Notebook notes;
    private final SplittableRandom random;
    private boolean dead;

    DiskExercise(
            BlkDevice disk, PhysicalMemory memory, Canary canary, ImageContent content, Notebook notes, long seed) {
        this.disk = disk;
        this.memory = memory;
        this.canary = canary;
        this.content = content;
        this.notes = notes;
        random = new SplittableRandom(seed);
        disk.requestDeadline(DEADLINE);
    }

    /** Does it all. */
    void run(List<Buffer> buffers) {
        List<Buffer> order = new ArrayList<>(buffers);
        Collections.shuffle(order, Random.from(random));
        for (Buffer buffer : order) {
            read(buffer, random.nextInt(content.sectors() - buffer.sectors() + 1));
            write(buffer, random.nextInt(content.sectors() - buffer.sectors() + 1));
        }
        attempt("flush", disk::flush);
        Buffer longest = order.stream()
                .reduce((one, other) -> one.bytes() >= other.bytes() ? one : other)
                .orElseThrow();
        // All of the image, the last piece from its end.
        for (int sector = 0; sector < content.sectors(); sector += longest.sectors()) {
            read(longest, Math.min(sector, content.sectors() - longest.sectors()));
        }
    }

    private void read(Buffer buffer, int sector) {
        String what = "read of %d sectors from %d into %s".formatted(buffer.sectors(), sector, buffer);
        buffer.plant(memory, canary);
        if (attempt(what, () -> disk.read(sector, buffer.pa(), buffer.bytes()))) {
            List<String> wrong = content.differences(sector, buffer.get(memory));
            if (!wrong.isEmpty()) {
                notes.wrongRead("%s brought other bytes than the image has in %s".formatted(what, wrong));
            }
        }
        buffer.damage(memory, canary).ifPresent(notes::strayWrite);
    }

    private void write(Buffer buffer, int sector) {
        byte[] data = new byte[buffer.bytes()];
        random.nextBytes(data);
        String what = "write of %d sectors to %d from %s".formatted(buffer.sectors(), sector, buffer);
        buffer.plant(memory, canary);
        buffer.put(memory, data);
        if (attempt(what, () -> disk.write(sector, buffer.pa(), buffer.bytes()))) {
            content.written(sector, data);
        } else {
            content.doubt(sector, buffer.sectors());
        }
        buffer.damage(memory, canary).ifPresent(notes::strayWrite);
    }

    private interface Request {
        void send() throws VirtioException;
    }

    /** Whether the device says that it was done. */
    private boolean attempt(String what, Request request) {
        if (dead) {
            return false;
        }
        try {
            request.send();
            notes.step(what + ": done");
            return true;
        } catch (VirtioException | DmaMappingException e) {
            dead = e instanceof DeviceDeadException;
            notes.failedRequest("%s: %s".formatted(what, e.getMessage()));
            return false;
        }
    }
}
