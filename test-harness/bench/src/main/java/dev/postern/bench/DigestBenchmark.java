package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code bench digest}: a whole image through driver, ring and emulated device, hashed and only read, beside a process that does the
 * same with the file by a FileChannel. Both JVMs have the same collector; the command has its AOT cache, as users start it.
 */
final class DigestBenchmark implements Benchmark {

    private static final int PAIRS = 9;
    private static final int PAIRS_QUICKLY = 2;
    private static final int MIB = 1 << 20;
    private static final int IMAGE_MIB = 1024;
    private static final int IMAGE_MIB_QUICKLY = 128;

    @Override
    public Report run(Effort effort, Steps steps) throws IOException, InterruptedException {
        String home = System.getProperty(BootBenchmark.HOME);
        if (home == null) {
            throw new IOException(
                    "the folder of the source tree is not known: start with its launcher, ./postern bench digest");
        }
        boolean quick = effort == Effort.QUICK;
        long bytes = (long) (quick ? IMAGE_MIB_QUICKLY : IMAGE_MIB) * MIB;
        Path image = Files.createTempFile("postern-bench", ".img");
        try {
            String digest = RandomImage.fill(image, bytes);
            return measure(Path.of(home), image, bytes, digest, quick ? PAIRS_QUICKLY : PAIRS, steps);
        } finally {
            Files.delete(image);
        }
    }

    private static Report measure(Path home, Path image, long bytes, String digest, int pairs, Steps steps)
            throws IOException, InterruptedException {
        double before = MachineLoad.now();
        int all = StreamWork.values().length * (pairs + 1);
        List<DigestRow> rows = new ArrayList<>();
        for (StreamWork work : StreamWork.values()) {
            String awaited = work == StreamWork.DIGEST ? digest : bytes + " bytes";
            StreamProgram guest = new StreamProgram(guestWords(home, work, image), awaited);
            StreamProgram file = new StreamProgram(fileWords(work, image), awaited);
            List<StreamRun> guests = new ArrayList<>();
            List<StreamRun> files = new ArrayList<>();
            int done = rows.size() * (pairs + 1);
            steps.done(done, all);
            // Not counted: after it the image and the programs are in the page cache.
            guest.run();
            file.run();
            for (int i = 0; i < pairs; i++) {
                steps.done(done + 1 + i, all);
                guests.add(guest.run());
                files.add(file.run());
            }
            rows.add(new DigestRow(work, bytes, guests, files));
        }
        steps.done(all, all);
        MachineLoad load = MachineLoad.since(before);
        return new Report(DigestTable.of(rows, load), DigestDocument.of(rows, load));
    }

    /** The command line as the launcher has it. */
    static List<String> guestWords(Path home, StreamWork work, Path image) {
        return BootBenchmark.words(
                home, BootCache.AOT, BootProgram.BOOT, image.toString(), List.of("--app", work.word(), "--json"));
    }

    static List<String> fileWords(StreamWork work, Path image) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                FileStreamMain.class.getName(),
                work.word(),
                image.toString());
    }
}
