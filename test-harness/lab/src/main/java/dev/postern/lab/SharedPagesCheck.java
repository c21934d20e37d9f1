package dev.postern.lab;

import dev.postern.boot.BootedGuest;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.interrupt.MessageVector;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares what devices can reach with what they have to reach: rings with their tables, the bounce pool, and the page that messages
 * of interrupts are stored to.
 */
final class SharedPagesCheck {

    private final LabMachine machine;
    private final BootedGuest guest;
    private final List<PhysRange> rings;

    /**
     * A check of one guest.
     *
     * @param rings coherent buffers that are open, by the addresses their devices have
     */
    SharedPagesCheck(LabMachine machine, BootedGuest guest, List<PhysRange> rings) {
        this.machine = machine;
        this.guest = guest;
        this.rings = rings;
    }

    /** What is wrong, one line each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        Optional<SharedMemory> shared = guest.memory().shared();
        if (shared.isEmpty()) {
            return problems;
        }
        List<PhysRange> known = shared.get().ranges();
        List<PhysRange> pool = guest.memory().pool().map(BouncePool::ranges).orElse(List.of());
        List<Long> mailboxes = guest.interrupts().messages().stream()
                .map(MessageVector::address)
                .toList();
        for (PhysRange range : known) {
            PhysRange atDevices = new PhysRange(shared.get().sharing().sharedAlias(range.basePa()), range.length());
            boolean ring = rings.stream().anyMatch(atDevices::overlaps);
            boolean mailbox = mailboxes.stream().anyMatch(address -> atDevices.contains(address, 1));
            if (!pool.contains(range) && !ring && !mailbox) {
                problems.add("%s is shared and is neither ring nor pool nor mailbox".formatted(range));
            }
        }
        for (PhysRange open : machine.sharedPages()) {
            if (known.stream().noneMatch(range -> range.contains(open.basePa(), 1))) {
                problems.add("devices reach %s, and the guest does not know".formatted(open));
            }
        }
        long reached =
                machine.sharedPages().stream().mapToLong(PhysRange::length).sum();
        if (reached != shared.get().sharedBytes()) {
            problems.add("devices reach %d bytes, the guest knows of %d"
                    .formatted(reached, shared.get().sharedBytes()));
        }
        return problems;
    }
}
