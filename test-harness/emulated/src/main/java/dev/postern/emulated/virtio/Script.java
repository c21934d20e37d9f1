package dev.postern.emulated.virtio;

import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.HangAt;
import dev.postern.emulated.mischief.JumpUsedIndexAt;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.emulated.mischief.RingMischief;
import dev.postern.emulated.mischief.StallAfter;
import java.util.List;

/** The mischief of one device, asked at the places where it is done. */
public final class Script {

    private final List<DeviceMischief> mischief;

    /** A script of the given acts; none is an honest device. */
    public Script(List<DeviceMischief> mischief) {
        this.mischief = List.copyOf(mischief);
    }

    /** Whether there is nothing in it. */
    boolean honest() {
        return mischief.isEmpty();
    }

    /** Whether an act touches the used buffers of a request. */
    boolean tampers(long request) {
        for (int i = 0; i < mischief.size(); i++) {
            if (mischief.get(i) instanceof RingMischief act && act.request() == request) {
                return true;
            }
        }
        return false;
    }

    /** Whether an act of the given kind is in the script. */
    boolean has(Class<? extends DeviceMischief> kind) {
        return first(kind) != null;
    }

    /** The first act of the given kind, or null. */
    public <T extends DeviceMischief> T first(Class<T> kind) {
        for (int i = 0; i < mischief.size(); i++) {
            if (kind.isInstance(mischief.get(i))) {
                return kind.cast(mischief.get(i));
            }
        }
        return null;
    }

    /** All acts. */
    public List<DeviceMischief> all() {
        return mischief;
    }

    /** Whether the device no longer takes the request of that number. */
    boolean stalledAt(long request) {
        StallAfter stall = first(StallAfter.class);
        return stall != null && request > stall.requests();
    }

    /** Whether the device hangs from the request of that number on, until a reset. */
    boolean hangsAt(long request) {
        for (int i = 0; i < mischief.size(); i++) {
            if (mischief.get(i) instanceof HangAt act && act.request() == request) {
                return true;
            }
        }
        return false;
    }

    /** By how much the used index jumps instead of the request of that number being served; 0 for an honest device. */
    int usedIndexJump(long request) {
        for (int i = 0; i < mischief.size(); i++) {
            if (mischief.get(i) instanceof JumpUsedIndexAt act && act.request() == request) {
                return act.by();
            }
        }
        return 0;
    }

    /** Whether the device breaks down at the request of that number. */
    boolean breaksAt(long request) {
        for (int i = 0; i < mischief.size(); i++) {
            if (mischief.get(i) instanceof NeedsResetAt act && act.request() == request) {
                return true;
            }
        }
        return false;
    }
}
