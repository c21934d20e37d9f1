package dev.postern.cli.bounce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.app.Progress;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.boot.ForcedPlan;
import dev.postern.cli.ExitStatus;
import dev.postern.cli.device.DeviceParser;
import dev.postern.cli.run.BootRecord;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.run.BootRun;
import dev.postern.cli.run.MachineChoice;
import dev.postern.cli.run.SilentListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BounceWorkTest {

    private static final Duration DEADLINE = Duration.ofSeconds(5);

    @Test
    void aDiskThatArrivesOtherThanItsImageIsAFailure() throws BootException, IOException {
        BounceRecord record =
                run(disk(1), new BounceRequest(disk(2), Optional.empty(), DEADLINE, BounceRequest.LeakControl.NONE));
        DiskOutcome disk = record.disks().getFirst();
        assertNotEquals(disk.expected(), disk.digest());
        assertEquals(Optional.of("the digest differs from that of the image"), disk.failure());
        assertEquals(ExitStatus.FAILED, record.boot().status());
    }

    @Test
    void withBuffersInPrivateMemoryTheReasonIsThatTheDeviceNeverSawThem() throws BootException, IOException {
        BounceRecord record = run(
                disk(1),
                new BounceRequest(
                        disk(2), Optional.of(ForcedPlan.DIRECT_DATA), DEADLINE, BounceRequest.LeakControl.NONE));
        assertEquals(
                "the digest differs: the device never saw the guest's buffers"
                        + "; --force direct-data put buffers into private memory, which the device cannot reach",
                record.disks().getFirst().failure().orElseThrow());
    }

    @Test
    void aRunThatBouncesNothingProvesNothing() throws BootException, IOException {
        BootRequest direct = onPlain(BootOptions.defaults());
        BounceRecord without =
                run(direct, new BounceRequest(direct, Optional.empty(), DEADLINE, BounceRequest.LeakControl.NONE));
        assertTrue(
                without.boot().failures().getFirst().message().contains("nothing went through a bounce pool"),
                without.boot().failures().toString());
        BootRequest bounced = onPlain(BootOptions.defaults().withForced(ForcedPlan.BOUNCED));
        BounceRecord with = run(
                bounced,
                new BounceRequest(bounced, Optional.of(ForcedPlan.BOUNCED), DEADLINE, BounceRequest.LeakControl.NONE));
        assertEquals(List.of(), with.boot().failures());
    }

    private static BounceRecord run(BootRequest booted, BounceRequest request) throws BootException, IOException {
        BounceRecord record = new BounceRecord(new BootRecord());
        record.asked(request);
        BounceWork work = new BounceWork(request, record, Progress.NONE);
        new BootRun(booted, new SilentListener(), work, record.boot()).run();
        return record;
    }

    private static BootRequest disk(long seed) {
        return request("tdx", BootOptions.defaults(), seed);
    }

    private static BootRequest onPlain(BootOptions options) {
        return request("plain", options, 1);
    }

    private static BootRequest request(String platform, BootOptions options, long seed) {
        return BootRequest.of(
                MachineChoice.EMULATED,
                platform,
                options,
                DeviceParser.parse(List.of("blk,size=64K,seed=" + seed)),
                List.of(),
                128L << 20,
                OptionalLong.empty());
    }
}
