package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.boot.ForcedPlan;
import dev.postern.cli.bounce.BounceRecord;
import dev.postern.cli.bounce.BounceRequest;
import dev.postern.cli.bounce.DiskOutcome;
import dev.postern.cli.bounce.SharedNow;
import dev.postern.cli.leak.LeakScan;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.FoundPlatform;
import dev.postern.dma.bounce.PoolStatistics;
import dev.postern.platform.SharedPurpose;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A bounce as one JSON document, {@value #SCHEMA}. Addresses are strings in hexadecimal, sizes numbers of bytes. What is not known,
 * since the run ended before, is absent; {@code leaks} is null when nobody looked.
 */
public final class BounceDocument {

    /** Which fields there are and what they mean; the number grows when one changes its meaning or goes. */
    public static final String SCHEMA = "postern.bounce/1";

    private static final int MOST_SIGHTINGS = 100;

    private BounceDocument() {}

    /** The document, in lines. */
    public static String of(BounceRecord record) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("ok", record.boot().failures().isEmpty());
        record.request().ifPresent(request -> putRequest(root, request, record));
        record.boot().platform().ifPresent(found -> PlatformNodes.putDetected(root, found));
        PlatformNodes.putMemory(root, record.boot().memory());
        root.put(
                "plan",
                record.disks().stream().map(DiskOutcome::plan).distinct().collect(Collectors.joining(", ")));
        putDisks(root, record);
        record.pool().ifPresent(pool -> putPool(root, pool));
        record.shared().ifPresent(shared -> putShared(root, shared, record.highestShared()));
        root.put("quarantined", record.quarantined());
        root.put("leaks", record.leaks().orElse(null));
        putProof(root, record);
        HostNodes.put(root, record.boot());
        root.put("seconds", record.boot().nanos() / 1e9);
        ArrayNode errors = root.putArray("errors");
        record.boot().failures().forEach(failure -> errors.add(failure.message()));
        root.put("exit", record.boot().status());
        return root.toPrettyString();
    }

    /** The platform is what the guest found, and what was asked for as long as it has found none. */
    private static void putRequest(ObjectNode root, BounceRequest request, BounceRecord record) {
        BootRequest boot = request.boot();
        root.put("machine", boot.machine().word());
        root.put("platform", record.boot().platform().map(FoundPlatform::name).orElse(boot.platform()));
        HostNodes.putRequest(root, boot);
        root.put("irq", boot.options().interrupts().name().toLowerCase(Locale.ROOT));
        root.put("ram", boot.ramBytes());
        root.put("seed", boot.seed());
        root.put("force", request.forced().map(ForcedPlan::word).orElse(null));
        root.put("deadline", request.deadline().toSeconds());
    }

    private static void putDisks(ObjectNode root, BounceRecord record) {
        // The first disk's by itself, because most runs have one; then all of them by name.
        root.put(
                "digest",
                record.disks().stream().findFirst().flatMap(DiskOutcome::digest).orElse(null));
        ObjectNode digests = root.putObject("digests");
        ObjectNode expected = root.putObject("expected");
        ArrayNode disks = root.putArray("disks");
        for (DiskOutcome disk : record.disks()) {
            disk.digest().ifPresent(digest -> digests.put(disk.name(), digest));
            disk.expected().ifPresent(digest -> expected.put(disk.name(), digest));
            disks.addObject()
                    .put("name", disk.name())
                    .put("plan", disk.plan())
                    .put("ok", disk.failure().isEmpty())
                    .put("error", disk.failure().orElse(null));
        }
    }

    private static void putPool(ObjectNode root, PoolStatistics pool) {
        root.put("mappings", pool.mappings());
        root.put("bytesBounced", pool.bytesBounced());
        root.put("highWater", pool.highWaterBytes());
        root.put("poolBytes", pool.sizeBytes());
        root.put("poolFull", pool.fullEvents());
    }

    private static void putShared(ObjectNode root, SharedNow shared, long highest) {
        root.put("sharedPages", shared.pages());
        root.put("sharedPageBytes", shared.pageBytes());
        ObjectNode purposes = root.putObject("sharedPagesBy");
        for (SharedPurpose purpose : SharedPurpose.values()) {
            Long bytes = shared.byPurpose().get(purpose);
            if (bytes != null) {
                purposes.put(purpose.name().toLowerCase(Locale.ROOT), bytes / shared.pageBytes());
            }
        }
        shared.hostBytes().ifPresent(bytes -> root.put("hostSharedPages", bytes / shared.pageBytes()));
        root.put("sharedHighWater", highest);
        root.put("sharedLost", shared.lostBytes());
    }

    private static void putProof(ObjectNode root, BounceRecord record) {
        ObjectNode proof = root.putObject("proof");
        proof.put("canaryFrames", record.plantedFrames());
        proof.put("canaryFramesHeld", record.heldFrames());
        proof.put("isolation", record.boot().host().isolation().orElse(null));
        ArrayNode searched = proof.putArray("searched");
        ArrayNode sightings = proof.putArray("sightings");
        record.scan().ifPresent(scan -> put(scan, searched, sightings));
    }

    private static void put(LeakScan scan, ArrayNode searched, ArrayNode sightings) {
        scan.searched().forEach(searched::add);
        scan.sightings().stream()
                .limit(MOST_SIGHTINGS)
                .forEach(sighting -> sightings
                        .addObject()
                        .put("canary", sighting.canary().number())
                        .put("place", sighting.place()));
    }
}
