package dev.postern.emulated.blk;

import dev.postern.emulated.mischief.ChangeCapacityAt;
import dev.postern.emulated.mischief.DeviceMischief;
import dev.postern.emulated.mischief.DiskOperation;
import dev.postern.emulated.mischief.FailOperation;
import dev.postern.emulated.mischief.FailSectors;
import dev.postern.emulated.mischief.WriteNothing;
import dev.postern.emulated.mischief.WrongStatus;
import dev.postern.emulated.virtio.Script;
import java.util.List;

/** The mischief of a disk, asked at the places where requests are served. */
final class BlockMischief {

    private final List<DeviceMischief> acts;

    BlockMischief(Script script) {
        this.acts = script.all();
    }

    /** The capacity that the disk takes before a request, in bytes, or -1. */
    long capacityAt(long request) {
        for (int i = 0; i < acts.size(); i++) {
            if (acts.get(i) instanceof ChangeCapacityAt act && act.request() == request) {
                return act.bytes();
            }
        }
        return -1;
    }

    /** Whether a request is answered and not served. */
    boolean writesNothing(long request) {
        for (int i = 0; i < acts.size(); i++) {
            if (acts.get(i) instanceof WriteNothing act && act.request() == request) {
                return true;
            }
        }
        return false;
    }

    /** The status to answer with. */
    int status(long request, int honest) {
        for (int i = 0; i < acts.size(); i++) {
            if (acts.get(i) instanceof WrongStatus act && act.request() == request) {
                return act.status();
            }
        }
        return honest;
    }

    /** Whether an operation on a range of sectors fails. */
    boolean fails(DiskOperation operation, long sector, long sectors) {
        for (int i = 0; i < acts.size(); i++) {
            boolean hit = switch (acts.get(i)) {
                case FailSectors act ->
                    (operation == DiskOperation.READ || operation == DiskOperation.WRITE)
                            && touches(act.first(), act.count(), sector, sectors);
                case FailOperation act ->
                    act.operation() == operation
                            && (operation == DiskOperation.FLUSH || touches(act.first(), act.count(), sector, sectors));
                default -> false;
            };
            if (hit) {
                return true;
            }
        }
        return false;
    }

    private static boolean touches(long first, long count, long sector, long sectors) {
        return sector < first + count && first < sector + sectors;
    }
}
