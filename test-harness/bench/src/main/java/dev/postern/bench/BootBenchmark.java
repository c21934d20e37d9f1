package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * {@code bench boot}: a whole process that boots an emulated machine and reads the first sector of a disk of known content,
 * beside a process that reads the same command line into the same commands and ends. Both have the same JVM and options.
 */
final class BootBenchmark implements Benchmark {

    /** The folder of the source tree, which the command tells. */
    static final String HOME = "postern.home";

    private static final int PAIRS = 30;
    private static final int PAIRS_QUICKLY = 5;
    /** Before these, files come from the disk. */
    private static final int UNCOUNTED = 2;

    private static final int IMAGE_BYTES = 1 << 20;
    private static final int SECTOR = 512;
    private static final long SEED = 1;

    @Override
    public Report run(Effort effort, Steps steps) throws IOException, InterruptedException {
        String home = System.getProperty(HOME);
        if (home == null) {
            throw new IOException(
                    "the folder of the source tree is not known: start with its launcher, ./postern bench boot");
        }
        Path image = Files.createTempFile("postern-bench", ".img");
        try {
            byte[] content = new byte[IMAGE_BYTES];
            new SplittableRandom(SEED).nextBytes(content);
            Files.write(image, content);
            String sector = HexFormat.of().formatHex(content, 0, SECTOR);
            return measure(Path.of(home), image, sector, effort == Effort.QUICK ? PAIRS_QUICKLY : PAIRS, steps);
        } finally {
            Files.delete(image);
        }
    }

    private static Report measure(Path home, Path image, String sector, int pairs, Steps steps)
            throws IOException, InterruptedException {
        double before = MachineLoad.now();
        List<BootRow> rows = new ArrayList<>();
        int all = BootCache.values().length * (UNCOUNTED + pairs);
        for (BootCache cache : BootCache.values()) {
            MeasuredProgram boot = new MeasuredProgram(words(home, cache, BootProgram.BOOT, image.toString()), sector);
            MeasuredProgram parse = new MeasuredProgram(words(home, cache, BootProgram.PARSE, image.toString()), "");
            int done = rows.size() * (UNCOUNTED + pairs);
            for (int i = 0; i < UNCOUNTED; i++) {
                steps.done(done++, all);
                boot.run();
                parse.run();
            }
            rows.add(pairs(cache, boot, parse, pairs, done, steps, all));
        }
        steps.done(all, all);
        MachineLoad load = MachineLoad.since(before);
        return new Report(BootTable.of(rows, load), BootDocument.of(rows, load));
    }

    private static BootRow pairs(
            BootCache cache, MeasuredProgram boot, MeasuredProgram parse, int pairs, int done, Steps steps, int all)
            throws IOException, InterruptedException {
        List<ProcessRun> boots = new ArrayList<>();
        List<ProcessRun> parses = new ArrayList<>();
        double bootCpu = 0;
        double parseCpu = 0;
        for (int i = 0; i < pairs; i++) {
            steps.done(done + i, all);
            double start = cpu();
            boots.add(boot.run());
            double between = cpu();
            parses.add(parse.run());
            bootCpu += between - start;
            parseCpu += cpu() - between;
        }
        return new BootRow(cache, boots, parses, bootCpu / pairs, parseCpu / pairs);
    }

    private static double cpu() {
        OptionalDouble nanos = ChildTime.nanos();
        return nanos.orElse(Double.NaN);
    }

    /** The command line, as the launcher has it but for the cache, which here must fit. */
    static List<String> words(Path home, BootCache cache, BootProgram program, String image) {
        return words(home, cache, program, image, List.of("--app", "first-sector"));
    }

    /** The same with other words behind the disk. */
    static List<String> words(Path home, BootCache cache, BootProgram program, String image, List<String> last) {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
        if (cache == BootCache.AOT) {
            words.add("-XX:AOTCache=" + home.resolve(program.cache()));
            words.add("-XX:AOTMode=on");
        }
        words.addAll(List.of(
                "-Xlog:aot*=off",
                "-Xlog:cds*=off",
                "--enable-native-access=com.sun.jna",
                "-p",
                home.resolve("test-harness/cli/target/app").toString(),
                "-m",
                "dev.postern.cli/" + program.main(),
                "boot",
                "--device",
                "blk,file=%s,ro=on".formatted(image.replace(",", ",,"))));
        words.addAll(last);
        return List.copyOf(words);
    }
}
