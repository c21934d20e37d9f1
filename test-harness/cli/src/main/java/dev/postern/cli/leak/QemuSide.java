package dev.postern.cli.leak;

import dev.postern.attach.MemoryMapProof;
import dev.postern.attach.ProcessScan;
import dev.postern.attach.QemuQ35;
import dev.postern.cli.run.BootRequest;
import dev.postern.cli.words.ByteSize;
import dev.postern.machine.RamRegion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** QEMU: a process of its own, of which everything can be searched that the system shows us. */
final class QemuSide implements DeviceSide {

    private static final long PAGE = 4096;

    private final QemuQ35 machine;
    private final boolean plain;
    private final List<Canary> canaries;

    QemuSide(QemuQ35 machine, String platform, List<Canary> canaries) {
        this.machine = machine;
        this.plain = platform.equals(BootRequest.PLAIN);
        this.canaries = canaries;
    }

    @Override
    public LeakScan scan() throws IOException {
        if (plain) {
            return new LeakScan(List.of(), List.of("nothing: QEMU maps all of RAM on plain"), List.of());
        }
        List<Sighting> sightings = new ArrayList<>();
        List<String> searched = new ArrayList<>();
        for (Canary canary : canaries) {
            for (long pa : machine.findInWindow(canary.bytes())) {
                sightings.add(new Sighting(canary, "in the window that QEMU maps, at 0x%x".formatted(pa)));
            }
        }
        searched.add("all %s of the window that QEMU maps".formatted(ByteSize.human(windowBytes())));
        MemoryMapProof proof = machine.memoryMapProof();
        searched.add(proof.describe());
        searched.add(scanProcess(sightings));
        return new LeakScan(
                sightings,
                searched,
                proof.holds() ? List.of() : List.of("QEMU can reach more than the window: " + proof.describe()));
    }

    /** Looks through all memory of QEMU, where the system lets us, and says what was searched. */
    private String scanProcess(List<Sighting> sightings) {
        long bytes = 0;
        for (Canary canary : canaries) {
            ProcessScan scan;
            try {
                scan = machine.findInProcess(canary.bytes());
            } catch (IOException e) {
                return "not the rest of QEMU's memory: " + e.getMessage();
            }
            for (ProcessScan.Match match : scan.matches()) {
                sightings.add(new Sighting(
                        canary, "in QEMU's memory at 0x%x, %s".formatted(match.address(), match.mapping())));
            }
            bytes = scan.bytesRead();
        }
        return "all %s of QEMU's memory".formatted(ByteSize.human(bytes));
    }

    private long windowBytes() {
        return machine.shareableRam().stream().mapToLong(RamRegion::size).sum();
    }

    @Override
    public OptionalLong hostSharedBytes() {
        if (plain) {
            return OptionalLong.empty();
        }
        long bytes = 0;
        for (RamRegion region : machine.shareableRam()) {
            for (long pa = region.basePa(); pa < region.endPa(); pa += PAGE) {
                bytes += machine.isShared(pa) ? PAGE : 0;
            }
        }
        return OptionalLong.of(bytes);
    }
}
