package dev.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code bench vhost-blk}: our driver at a storage daemon over vhost-user, beside a C front-end at the same daemon; and bounced beside
 * direct. The front-ends run in turns on one core, the daemon on another.
 */
final class VhostBlkBenchmark implements Benchmark {

    @Override
    public Report run(Effort effort, Steps steps) throws IOException, InterruptedException {
        VhostBlkPairs pairs = effort == Effort.QUICK ? VhostBlkPairs.QUICK : VhostBlkPairs.THOROUGH;
        VhostBlkCores cores = VhostBlkCores.choose();
        double before = MachineLoad.now();
        Map<Long, OtherProcesses.Taken> taken = OtherProcesses.now();
        int all = VhostBlkContest.values().length * pairs.steps();
        AtomicInteger done = new AtomicInteger();
        List<VhostBlkResult> results = new ArrayList<>();
        Path image = Files.createTempFile("postern-bench", ".img");
        try (CompiledPeer c = CompiledPeer.build(VhostBlkProgram.PEER)) {
            RandomImage.fill(image, VhostBlkMedium.IMAGE.bytes());
            for (VhostBlkContest contest : VhostBlkContest.values()) {
                results.add(pairs.measure(contest, cores, c, image, () -> steps.done(done.getAndIncrement(), all)));
            }
        } finally {
            Files.delete(image);
        }
        steps.done(all, all);
        VhostBlkReport report =
                new VhostBlkReport(results, MachineLoad.since(before), cores, OtherProcesses.since(taken));
        return new Report(VhostBlkTable.of(report), VhostBlkDocument.of(report));
    }
}
