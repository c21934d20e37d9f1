package dev.postern.emulated.virtio;

import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.HangAt;
import dev.postern.emulated.mischief.JumpUsedIndexAt;
import dev.postern.emulated.mischief.NeedsResetAt;
import dev.postern.emulated.mischief.StallAfter;
import dev.postern.emulated.mischief.TamperUsedId;
import dev.postern.emulated.mischief.TamperUsedLength;
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

    /** Whether the used element of a request is tampered with. */
    boolean tampers(long request) {
        for (int i = 0; i < mischief.size(); i++) {
            switch (mischief.get(i)) {
                case TamperUsedId act
                when act.request() == request -> {
                    return true;
                }
                case TamperUsedLength act
                when act.request() == request -> {
                    return true;
                }
                default -> {}
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

    /** The id to publish for a request. */
    int usedId(long request, int head) {
        for (int i = 0; i < mischief.size(); i++) {
            if (mischief.get(i) instanceof TamperUsedId act && act.request() == request) {
                return act.id();
            }
        }
        return head;
    }

    /** The length to publish for a request. */
    int usedLength(long request, int length) {
        for (int i = 0; i < mischief.size(); i++) {
            if (mischief.get(i) instanceof TamperUsedLength act && act.request() == request) {
                return act.length();
            }
        }
        return length;
    }
}
