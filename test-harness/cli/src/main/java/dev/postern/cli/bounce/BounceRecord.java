package dev.postern.cli.bounce;

import dev.postern.cli.leak.LeakScan;
import dev.postern.cli.run.BootRecord;
import dev.postern.dma.bounce.PoolStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is known about a bounce so far; it holds after any failure too. One thread uses it. */
public final class BounceRecord {

    private final BootRecord boot;
    private final List<DiskOutcome> disks = new ArrayList<>();
    private Optional<BounceRequest> request = Optional.empty();
    private Optional<PoolStatistics> pool = Optional.empty();
    private Optional<SharedNow> shared = Optional.empty();
    private Optional<LeakScan> scan = Optional.empty();
    private long highestShared;
    private long plantedFrames;
    private long heldFrames;
    private long quarantined;

    /** Beside the record of the boot, which has the failures too. */
    public BounceRecord(BootRecord boot) {
        this.boot = boot;
    }

    /** Takes the request once the call has proved right. */
    public void asked(BounceRequest what) {
        request = Optional.of(what);
        boot.asked(what.boot());
    }

    void note(DiskOutcome disk) {
        disks.add(disk);
    }

    void note(PoolStatistics statistics) {
        pool = Optional.of(statistics);
    }

    void note(SharedNow now, long highest) {
        shared = Optional.of(now);
        highestShared = highest;
    }

    void note(LeakScan found) {
        scan = Optional.of(found);
    }

    void planted(long frames, long held) {
        plantedFrames = frames;
        heldFrames = held;
    }

    void quarantined(long mappings) {
        quarantined = mappings;
    }

    /** What was asked for; empty when the call was wrong. */
    public Optional<BounceRequest> request() {
        return request;
    }

    /** What is known of the boot, and all failures. */
    public BootRecord boot() {
        return boot;
    }

    /** The disks, in the order of their names. */
    public List<DiskOutcome> disks() {
        return List.copyOf(disks);
    }

    /** What the pool has done; empty when it did not come so far, or there is none. */
    public Optional<PoolStatistics> pool() {
        return pool;
    }

    /** What was shared at the end; empty when it did not come so far, or nothing is shared here. */
    public Optional<SharedNow> shared() {
        return shared;
    }

    /** The most bytes that were shared at one time. */
    public long highestShared() {
        return highestShared;
    }

    /** The search of the device side; empty when it did not come so far. */
    public Optional<LeakScan> scan() {
        return scan;
    }

    /** How many frames were filled with canaries. */
    public long plantedFrames() {
        return plantedFrames;
    }

    /** How many of these were held for the whole run. */
    public long heldFrames() {
        return heldFrames;
    }

    /** How many mappings nobody may use again, since their device did not come out of reset. */
    public long quarantined() {
        return quarantined;
    }

    /** How many canaries were seen on the device side; empty when nobody looked. */
    public Optional<Integer> leaks() {
        return scan.map(found -> found.sightings().size());
    }
}
