package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The hypercall memory_op (Xen public/memory.h), as far as placing the grant table needs it. */
final class MemoryOp {

    private static final int ADD_TO_PHYSMAP = 7;

    /** The command is in the low six bits; above them a call that Xen interrupted keeps its place. */
    private static final int COMMAND = 0x3f;

    private static final int SPACE_GRANT_TABLE = 1;
    private static final int SPACE_FOREIGN = 4;
    private static final int ADD_BYTES = 24;
    private static final long PAGE = 4096;

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GuestMemory memory;
    private final GrantFrames table;
    private final XenDomain domain;

    MemoryOp(GuestMemory memory, GrantFrames table, XenDomain domain) {
        this.memory = memory;
        this.table = table;
        this.domain = domain;
    }

    /**
     * Does what a command says.
     *
     * @param argumentPa guest-physical address of the command's structure
     * @return 0, or an error negated
     */
    long call(long command, long argumentPa) {
        return (command & COMMAND) == ADD_TO_PHYSMAP ? addToPhysmap(argumentPa) : -XenErrno.ENOSYS;
    }

    private long addToPhysmap(long argumentPa) {
        RamRegion region = memory.regionOf(argumentPa, ADD_BYTES);
        if (region == null) {
            return -XenErrno.EFAULT;
        }
        MemorySegment add = region.segment().asSlice(argumentPa - region.basePa(), ADD_BYTES);
        int space = add.get(LE32, 4);
        if (space == SPACE_FOREIGN) {
            return -XenErrno.ENOSYS;
        }
        return switch (domain.standing(add.get(LE16, 0) & 0xffff)) {
            case SELF -> space == SPACE_GRANT_TABLE ? place(add.get(LE64, 8), add.get(LE64, 16)) : -XenErrno.EINVAL;
            case NOT_ALLOWED -> -XenErrno.EPERM;
            case UNKNOWN -> -XenErrno.ESRCH;
        };
    }

    private long place(long index, long frame) {
        if (index < 0 || index >= GrantFrames.MOST || frame < 0 || frame > Long.MAX_VALUE / PAGE) {
            return -XenErrno.EINVAL;
        }
        if (memory.regionOf(frame * PAGE, PAGE) == null) {
            return -XenErrno.EINVAL;
        }
        // Naming a frame is enough to have it, as in Xen.
        table.grow((int) index + 1);
        table.place((int) index, frame);
        return 0;
    }
}
