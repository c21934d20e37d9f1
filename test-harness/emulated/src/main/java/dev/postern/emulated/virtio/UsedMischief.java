package dev.postern.emulated.virtio;

import dev.postern.emulated.board.DeviceWork;
import dev.postern.emulated.mischief.ChangeUsedAfter;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.MiscountBatch;
import dev.postern.emulated.mischief.MisplaceUsed;
import dev.postern.emulated.mischief.NameBeyondBatch;
import dev.postern.emulated.mischief.NameFirstOfBatch;
import dev.postern.emulated.mischief.NameFreeId;
import dev.postern.emulated.mischief.OverstateUsedLength;
import dev.postern.emulated.mischief.RepeatUsed;
import dev.postern.emulated.mischief.ReuseUsedId;
import dev.postern.emulated.mischief.RewriteDescriptors;
import dev.postern.emulated.mischief.RewriteIndirectTable;
import dev.postern.emulated.mischief.RingMischief;
import dev.postern.emulated.mischief.ShiftUsedId;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
import dev.postern.emulated.mischief.WrongWrapCounter;
import dev.postern.emulated.virtio.Ring.Look;
import java.util.BitSet;
import java.util.List;

/** Publishes the buffers of one queue as the script of its device says, where that has acts for them. */
final class UsedMischief {

    private final List<DeviceMischief> acts;
    private final DeviceWork work;
    private final BitSet taken = new BitSet();
    private final Runnable change = this::changeUsed;

    private Ring ring;
    private int size;
    private int lastId;
    private boolean rests;

    /** The element that changes, and what is left to do. */
    private long place;

    private int honestId;
    private int honestLength;
    private boolean honestWrote;
    private int otherId;
    private int otherLength;
    private int changesLeft;
    private boolean changed;

    /** What is written for one used element. */
    private int id;

    private int length;
    private boolean wrote;
    private int ahead;
    private int skip;
    private boolean twice;

    UsedMischief(Script script, DeviceWork work) {
        this.acts = script.all();
        this.work = work;
    }

    /** The queue was enabled. */
    void begin(Ring newRing, int newSize) {
        ring = newRing;
        size = newSize;
    }

    /** The queue was reset. */
    void forget() {
        work.remove(change);
        taken.clear();
        lastId = 0;
        rests = false;
        changesLeft = 0;
    }

    /** Whether the queue rests until a reset, because nothing in it fits any more. */
    boolean rests() {
        return rests;
    }

    /** Whether the batch ends with a request although more may be available. */
    boolean endsBatch(long request) {
        for (int i = 0; i < acts.size(); i++) {
            if (acts.get(i) instanceof NameBeyondBatch act && act.request() == request) {
                return true;
            }
        }
        return false;
    }

    /** A request was served and is not published yet. */
    void served(long request, int usedId) {
        taken.set(usedId);
        for (int i = 0; i < acts.size(); i++) {
            if (acts.get(i) instanceof RewriteDescriptors act && act.request() == request) {
                ring.overwriteDescriptors(act.flags(), act.next());
            }
            if (acts.get(i) instanceof RewriteIndirectTable act && act.request() == request) {
                ring.overwriteTable(act.flags(), act.next());
            }
        }
    }

    /**
     * Publishes the buffers of a batch from one to another with one used element, if the script lets it.
     *
     * @return false when the access failed
     */
    boolean use(Batch batch, int first, int last, int slots) {
        id = batch.id(last);
        length = batch.length(last);
        wrote = length != 0;
        ahead = 0;
        skip = slots;
        twice = false;
        ChangeUsedAfter changing = null;
        long request = batch.request(last);
        for (int i = 0; i < acts.size(); i++) {
            if (acts.get(i) instanceof RingMischief act && act.request() == request) {
                apply(act, batch, first, last);
                changing = act instanceof ChangeUsedAfter one ? one : changing;
            }
        }
        lastId = batch.id(last);
        if (changing != null) {
            place = ring.place(ahead);
            honestId = id;
            honestLength = length;
            honestWrote = wrote;
            otherId = changing.id();
            otherLength = changing.length();
            changesLeft = changing.times();
            changed = false;
            work.add(change);
        }
        if (!ring.put(ahead, id, length, wrote)) {
            return false;
        }
        ring.advance(skip);
        if (twice) {
            if (!ring.put(0, id, length, wrote)) {
                return false;
            }
            ring.advance(slots);
        }
        return true;
    }

    private void apply(RingMischief what, Batch batch, int first, int last) {
        switch (what) {
            case TamperUsedId act -> id = act.id();
            case ShiftUsedId act -> id += act.by();
            case ReuseUsedId _ -> id = lastId;
            case NameFreeId _ -> id = freeId();
            case NameFirstOfBatch _ -> id = batch.id(first);
            case NameBeyondBatch _ -> nameBeyond();
            case TamperUsedLength act -> lengthIs(act.length());
            case OverstateUsedLength act -> lengthIs((int) (batch.room(last) + act.by()));
            case MisplaceUsed act -> {
                ahead = act.by();
                rests = true;
            }
            case WrongWrapCounter _ -> ahead = size;
            case MiscountBatch act -> {
                skip = Math.max(0, skip + act.by());
                rests = true;
            }
            case RepeatUsed _ -> {
                twice = true;
                rests = true;
            }
            case ChangeUsedAfter _, RewriteDescriptors _, RewriteIndirectTable _ -> {
                // Not while it is written.
            }
        }
    }

    private void lengthIs(int value) {
        length = value;
        wrote |= value != 0;
    }

    private int freeId() {
        int free = taken.previousClearBit(size - 1);
        return free < 0 ? size : free;
    }

    private void nameBeyond() {
        if (ring.look() == Look.READY && ring.take()) {
            id = ring.id;
            rests = true;
        }
    }

    private void changeUsed() {
        if (changesLeft <= 0) {
            return;
        }
        changed = !changed;
        boolean stored = ring.putAt(
                place,
                changed ? otherId : honestId,
                changed ? otherLength : honestLength,
                changed ? otherLength != 0 : honestWrote);
        if (--changesLeft > 0 && stored) {
            work.add(change);
        }
    }
}
