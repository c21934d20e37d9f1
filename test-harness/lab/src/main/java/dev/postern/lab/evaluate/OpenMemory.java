package dev.postern.lab.evaluate;

import dev.postern.boot.BootedGuest;
import dev.postern.emulated.EmulatedMachine;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import java.util.ArrayList;
import java.util.List;

/** Compares what a device can read now, as the machine has it, with what the guest let it read. */
final class OpenMemory {

    private OpenMemory() {}

    /**
     * Memory that the device can read and the guest did not share, one line for each run of pages.
     *
     * @param kept memory of the guest that nobody ever shared
     */
    static List<String> lines(EmulatedMachine machine, BootedGuest guest, List<PhysRange> kept) {
        List<String> lines = new ArrayList<>();
        List<PhysRange> readable = machine.deviceReach(EvaluatedMachine.DISK).readable().stream()
                .map(range -> new PhysRange(range.basePa(), range.length()))
                .toList();
        for (PhysRange range : kept) {
            if (readable.stream().anyMatch(range::overlaps)) {
                lines.add("the device can read %s, which the guest never shared".formatted(range));
            }
        }
        guest.memory().shared().ifPresent(shared -> addUnknown(readable, shared.ranges(), lines));
        return lines;
    }

    private static void addUnknown(List<PhysRange> readable, List<PhysRange> known, List<String> lines) {
        for (PhysRange range : readable) {
            for (long pa = range.basePa(); pa < range.endPa(); pa += FrameAllocator.FRAME_BYTES) {
                long page = pa;
                if (known.stream().noneMatch(one -> one.contains(page))) {
                    lines.add("the device can read the page at 0x%x, and the guest does not know".formatted(page));
                }
            }
        }
    }
}
