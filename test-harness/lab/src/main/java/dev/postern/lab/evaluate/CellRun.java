package dev.postern.lab.evaluate;

import dev.postern.boot.Boot;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.DeviceReport;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.lab.Canary;
import dev.postern.machine.MachineDiedException;
import dev.postern.memory.FrameAllocator;
import dev.postern.quirks.QuirkTable;
import dev.postern.quirks.RowTrial;
import dev.postern.quirks.decision.Decision;
import dev.postern.virtio.DeviceDeadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Runs one cell: a machine, a guest, requests, and a verdict from what they did. No ledger watches. Cells have nothing in common, so
 * several threads may run one each.
 */
public final class CellRun {

    private static final int SECTORS = 1024;

    private final QuirkTable quirks;
    private final Path folder;
    private final Consumer<String> trace;
    private final UnaryOperator<BootOptions> adjusted;

    /**
     * Prepares runs.
     *
     * @param quirks the rows that correct what the guest finds
     * @param folder for the images, one at a time for each run; a file that is there is overwritten
     * @param trace told of every step, in order
     */
    public CellRun(QuirkTable quirks, Path folder, Consumer<String> trace) {
        this(quirks, folder, trace, UnaryOperator.identity());
    }

    /** As above, with guests that are booted otherwise. */
    CellRun(QuirkTable quirks, Path folder, Consumer<String> trace, UnaryOperator<BootOptions> adjusted) {
        this.quirks = quirks;
        this.folder = folder;
        this.trace = trace;
        this.adjusted = adjusted;
    }

    /**
     * Runs a cell.
     *
     * @param sweepSeed the seed of the sweep that it is part of
     * @throws IOException when its image cannot be made or looked at
     */
    public CellResult run(Cell cell, long sweepSeed) throws IOException {
        long seed = cell.seed(sweepSeed);
        Path image = folder.resolve(cell.id().replace('/', '_') + ".img");
        Notebook notes = new Notebook(trace);
        ImageContent content = new ImageContent(seed, SECTORS);
        Files.write(image, content.bytes());
        try {
            Optional<DeviceReport> report;
            try (EmulatedMachine machine = EvaluatedMachine.build(cell, seed, image)) {
                report = boot(machine, cell, content, notes, seed);
                machine.guestErrors().forEach(error -> notes.step("the machine says: " + error));
            }
            for (String wrong : content.differences(0, Files.readAllBytes(image))) {
                notes.wrongImage("%s of the image: not what was reported as written".formatted(wrong));
            }
            return result(cell, seed, report, notes);
        } finally {
            Files.deleteIfExists(image);
        }
    }

    /** Whatever goes wrong in the guest is a note. */
    private Optional<DeviceReport> boot(
            EmulatedMachine machine, Cell cell, ImageContent content, Notebook notes, long seed) {
        BootOptions wanted = adjusted.apply(BootOptions.defaults()
                .withStrictness(cell.strictness())
                .withQuirks(quirks)
                .withClaims(cell.trait().claims()));
        WatchedOpening opening = new WatchedOpening(wanted.contexts());
        Canary canary = new Canary(seed);
        machine.audit().watch(canary.needle());
        BootedGuest guest;
        try {
            guest = Boot.start(machine, wanted.withContexts(opening), _ -> {});
        } catch (BootException | MachineDiedException | IllegalArgumentException e) {
            notes.bringUp(new BringUp.NoGuest("the guest does not come up: " + e.getMessage()));
            return Optional.empty();
        }
        DeviceReport report = guest.devices().getFirst();
        notes.bringUp(bringUp(report, opening));
        report.explanation().forEach(notes::step);
        report.decision().ifPresent(decision -> notes.promise(MemoryPromise.of(decision)));
        try {
            work(machine, guest, content, canary, notes, seed);
        } catch (RuntimeException e) {
            // A machine that died, or a bug of ours that only this cell shows: the other cells go on.
            notes.failedRequest("%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage()));
        } finally {
            shutDown(guest, notes);
        }
        machine.audit().findInDeviceReads(canary.needle()).stream()
                .map(sighting -> "the device read a canary that ends at 0x%x".formatted(sighting.lastByteDva()))
                .forEach(notes::privateRead);
        return Optional.of(report);
    }

    private static BringUp bringUp(DeviceReport report, WatchedOpening opening) {
        return switch (report.outcome()) {
            case DRIVEN -> new BringUp.Driven();
            case REFUSED, DEFERRED -> new BringUp.Declined(report.why());
            case FAILED, NO_DRIVER ->
                opening.refusal()
                        .<BringUp>map(BringUp.PlanWithoutBackend::new)
                        .orElseGet(() -> new BringUp.NotStarted(report.why()));
        };
    }

    private static void work(
            EmulatedMachine machine,
            BootedGuest guest,
            ImageContent content,
            Canary canary,
            Notebook notes,
            long seed) {
        FrameAllocator frames = guest.frames();
        Buffers buffers = new Buffers(frames);
        CanaryRuns canaries = new CanaryRuns(frames, canary);
        buffers.all().forEach(buffer -> canaries.plantInShadowOf(buffer.run()));
        canaries.plantEverywhere(new SplittableRandom(seed));
        machine.audit().mark();
        guest.disks()
                .forEach(disk ->
                        new DiskExercise(disk, frames.memory(), canary, content, notes, seed).run(buffers.all()));
        canaries.damage().forEach(notes::strayWrite);
        StrayStores.lines(machine.audit().writtenSinceMark(), canaries.runs(), buffers.all())
                .forEach(notes::strayWrite);
        OpenMemory.lines(machine, guest, canaries.runs()).forEach(notes::openMemory);
    }

    private static void shutDown(BootedGuest guest, Notebook notes) {
        try {
            guest.close();
        } catch (DeviceDeadException | MachineDiedException e) {
            notes.shutdownTrouble("shutdown: " + e.getMessage());
        }
    }

    private static CellResult result(Cell cell, long seed, Optional<DeviceReport> report, Notebook notes) {
        Judgement judgement = Judgement.of(notes.observation(), VerdictRule.all());
        return new CellResult(
                cell,
                seed,
                report.map(DeviceReport::plan).orElse("none"),
                judgement.verdict(),
                judgement.awareness(),
                judgement.evidence(),
                report.flatMap(DeviceReport::decision).map(CellRun::rows).orElse(List.of()));
    }

    private static List<String> rows(Decision decision) {
        return decision.explanation().trials().stream()
                .filter(trial -> !trial.effects().isEmpty())
                .map((RowTrial trial) -> trial.row().id())
                .toList();
    }
}
