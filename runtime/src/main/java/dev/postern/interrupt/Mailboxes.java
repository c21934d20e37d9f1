package dev.postern.interrupt;

import dev.postern.memory.DevicePages;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The pages that mailbox slots are cut from.
 *
 * <p>A slot that was given back goes to the end of the queue: the later it is used again, the less likely a straggling
 * message of its last device reaches the next.
 */
final class Mailboxes {

    private static final int SLOT_BYTES = Integer.BYTES;

    private final DevicePages source;
    private final List<PhysRange> pages = new ArrayList<>();
    private final Deque<MailboxSlot> free = new ArrayDeque<>();
    private int slots;

    Mailboxes(DevicePages source) {
        this.source = source;
    }

    MailboxSlot take() {
        if (free.isEmpty()) {
            addPage();
        }
        MailboxSlot slot = free.removeFirst();
        slot.clear();
        return slot;
    }

    void giveBack(MailboxSlot slot) {
        free.addLast(slot);
    }

    void close() {
        free.clear();
        pages.forEach(source::free);
        pages.clear();
    }

    private void addPage() {
        PhysRange page = source.allocate(FrameAllocator.FRAME_BYTES, FrameRequest.ANY);
        pages.add(page);
        MemorySegment bytes = source.memory().slice(page.basePa(), page.length());
        for (long offset = 0; offset < page.length(); offset += SLOT_BYTES) {
            slots++;
            free.addLast(new MailboxSlot(
                    source.deviceAddress(page.basePa() + offset), bytes.asSlice(offset, SLOT_BYTES), slots));
        }
    }
}
