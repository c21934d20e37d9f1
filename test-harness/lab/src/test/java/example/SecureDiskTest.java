package example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.lab.Trial;
import dev.postern.lab.junit.PosternTest;
import dev.postern.memory.PhysRange;
import dev.postern.quirks.decision.Explanation;
import dev.postern.virtio.blk.BlkDevice;

class SecureDiskTest {
    @PosternTest(platform = "sev-snp", devices = "blk,size=4M,seed=7")
    void aSectorIsBounced(Trial trial, BlkDevice disk, Explanation why) throws Exception {
        PhysRange buffer = trial.buffer(512);
        disk.read(0, buffer.basePa(), 512);
        assertTrue(trial.pool().statistics().bytesBounced() >= 512, why.oneLine());
        trial.giveBack(buffer);
    }
}
