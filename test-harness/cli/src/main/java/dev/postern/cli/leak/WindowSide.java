package dev.postern.cli.leak;

import dev.postern.attach.MemoryMapProof;
import dev.postern.attach.ProcessScan;
import dev.postern.attach.QemuQ35;
import dev.postern.attach.StorageDaemon;
import dev.postern.attach.VhostUserMachine;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.words.ByteSize;
import dev.postern.lab.SharedWindow;
import dev.postern.machine.RamRegion;
import dev.postern.memory.PhysRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongPredicate;

/** Devices in processes of their own, which map a window of RAM and nothing else of ours. */
final class WindowSide implements DeviceSide {

    /** Who maps the window, and does so, in words. */
    private final String mapping;

    private final boolean plain;
    private final List<Canary> canaries;
    private final List<RamRegion> window;
    private final LongPredicate shared;
    private final Function<byte[], List<Long>> findInWindow;
    private final List<ForeignProcess> processes;

    private WindowSide(
            String mapping,
            String platform,
            List<Canary> canaries,
            List<RamRegion> window,
            LongPredicate shared,
            Function<byte[], List<Long>> findInWindow,
            List<ForeignProcess> processes) {
        this.mapping = mapping;
        plain = platform.equals(BootRequest.PLAIN);
        this.canaries = canaries;
        this.window = window;
        this.shared = shared;
        this.findInWindow = findInWindow;
        this.processes = processes;
    }

    static WindowSide of(QemuQ35 machine, String platform, List<Canary> canaries) {
        return new WindowSide(
                "QEMU maps",
                platform,
                canaries,
                machine.shareableRam(),
                machine::isShared,
                machine::findInWindow,
                List.of(ForeignProcess.of(machine)));
    }

    /** Of a back-end that was joined nothing can be seen but the window. */
    static WindowSide of(VhostUserMachine machine, String platform, List<Canary> canaries) {
        List<ForeignProcess> processes = new ArrayList<>();
        for (StorageDaemon daemon : machine.daemons()) {
            processes.add(ForeignProcess.of(machine, daemon));
        }
        return new WindowSide(
                processes.isEmpty() ? "the back-end maps" : processes.size() == 1 ? "the daemon maps" : "daemons map",
                platform,
                canaries,
                machine.shareableRam(),
                machine::isShared,
                machine::findInWindow,
                processes);
    }

    @Override
    public LeakScan scan() throws IOException {
        if (plain) {
            return new LeakScan(List.of(), List.of("nothing: %s all of RAM on plain".formatted(mapping)), List.of());
        }
        List<Sighting> sightings = new ArrayList<>();
        List<String> searched = new ArrayList<>();
        List<String> trouble = new ArrayList<>();
        for (Canary canary : canaries) {
            for (long pa : findInWindow.apply(canary.bytes())) {
                sightings.add(new Sighting(canary, "in the window that %s, at 0x%x".formatted(mapping, pa)));
            }
        }
        searched.add("all %s of the window that %s".formatted(ByteSize.human(windowBytes()), mapping));
        for (ForeignProcess process : processes) {
            MemoryMapProof proof = process.proof().look();
            searched.add(proof.describe());
            if (reachesMore(proof)) {
                trouble.add("%s can reach more than the window: %s".formatted(process.name(), proof.describe()));
            }
            searched.add(scan(process, sightings));
        }
        if (processes.isEmpty()) {
            searched.add("not the memory of the back-end, which is no process of ours");
        }
        return new LeakScan(sightings, searched, trouble);
    }

    /** A process that is not connected any more maps nothing of ours, which is no trouble. */
    private static boolean reachesMore(MemoryMapProof proof) {
        boolean nothing = proof.window().isEmpty()
                && proof.otherMappings().isEmpty()
                && proof.otherDescriptors().isEmpty();
        return !nothing && !proof.holds();
    }

    /** Looks through all memory of a process, where the system lets us, and says what was searched. */
    private String scan(ForeignProcess process, List<Sighting> sightings) {
        long bytes = 0;
        for (Canary canary : canaries) {
            ProcessScan scan;
            try {
                scan = process.search().find(canary.bytes());
            } catch (IOException e) {
                return "not the rest of the memory of %s: %s".formatted(process.name(), e.getMessage());
            }
            for (ProcessScan.Match match : scan.matches()) {
                sightings.add(new Sighting(
                        canary,
                        "in the memory of %s at 0x%x, %s".formatted(process.name(), match.address(), match.mapping())));
            }
            bytes = scan.bytesRead();
        }
        return "all %s of the memory of %s".formatted(ByteSize.human(bytes), process.name());
    }

    private long windowBytes() {
        return window.stream().mapToLong(RamRegion::size).sum();
    }

    @Override
    public OptionalLong hostSharedBytes() {
        return plain
                ? OptionalLong.empty()
                : OptionalLong.of(SharedWindow.pages(window, shared).stream()
                        .mapToLong(PhysRange::length)
                        .sum());
    }
}
