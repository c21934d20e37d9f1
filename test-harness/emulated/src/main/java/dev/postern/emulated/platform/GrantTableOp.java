package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The hypercall grant_table_op (Xen public/grant_table.h): how large the table is and may be, where its frames are, and the version of
 * its entries, which is 1 and stays so, as on a Xen that was told to have no other ({@code gnttab=max-ver:1}). No grant can be mapped: the
 * guest is nobody's back-end.
 */
final class GrantTableOp {

    private static final int SETUP_TABLE = 2;
    private static final int QUERY_SIZE = 6;
    private static final int SET_VERSION = 8;
    private static final int GET_VERSION = 10;

    private static final short OKAY = 0;
    private static final short GENERAL_ERROR = -1;
    private static final short BAD_DOMAIN = -2;
    private static final short PERMISSION_DENIED = -8;

    private static final int VERSION = 1;

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GuestMemory memory;
    private final GrantFrames table;
    private final FrameNumbers numbers;
    private final XenDomain domain;

    GrantTableOp(GuestMemory memory, GrantFrames table, FrameNumbers numbers, XenDomain domain) {
        this.memory = memory;
        this.table = table;
        this.numbers = numbers;
        this.domain = domain;
    }

    /**
     * Does what a command says.
     *
     * @param argumentPa guest-physical address of the command's structure
     * @param count how many structures there are
     * @return 0, or an error negated
     */
    long call(long command, long argumentPa, long count) {
        if ((int) count < 0) {
            return -XenErrno.EINVAL;
        }
        return switch ((int) command) {
            case SETUP_TABLE -> count == 1 ? setupTable(structure(argumentPa, 24)) : -XenErrno.EINVAL;
            case QUERY_SIZE -> count == 1 ? querySize(structure(argumentPa, 16)) : -XenErrno.EINVAL;
            case SET_VERSION -> setVersion(structure(argumentPa, 4));
            case GET_VERSION -> getVersion(structure(argumentPa, 8));
            default -> -XenErrno.ENOSYS;
        };
    }

    /** A range of RAM, or null. */
    private MemorySegment structure(long pa, long bytes) {
        RamRegion region = memory.regionOf(pa, bytes);
        return region == null ? null : region.segment().asSlice(pa - region.basePa(), bytes);
    }

    private short status(int named) {
        return switch (domain.standing(named)) {
            case SELF -> OKAY;
            case NOT_ALLOWED -> PERMISSION_DENIED;
            case UNKNOWN -> BAD_DOMAIN;
        };
    }

    private static int named(MemorySegment structure) {
        return structure.get(LE16, 0) & 0xffff;
    }

    private long setupTable(MemorySegment setup) {
        if (setup == null) {
            return -XenErrno.EFAULT;
        }
        long frames = setup.get(LE32, 4) & 0xffff_ffffL;
        MemorySegment list = frames == 0 ? setup.asSlice(0, 0) : structure(setup.get(LE64, 16), 8 * frames);
        if (list == null) {
            return -XenErrno.EFAULT;
        }
        short status = status(named(setup));
        if (status == OKAY && frames > GrantFrames.MOST) {
            status = GENERAL_ERROR;
        }
        if (status == OKAY) {
            table.grow((int) frames);
            for (int i = 0; i < frames; i++) {
                list.set(LE64, 8L * i, number(i));
            }
        }
        setup.set(LE16, 8, status);
        return 0;
    }

    /** A machine frame number; of a translated guest the place of the frame, all ones before it has one. */
    private long number(int index) {
        return numbers.tableNumber(index) == FrameNumbers.NONE ? table.place(index) : numbers.tableNumber(index);
    }

    private long querySize(MemorySegment query) {
        if (query == null) {
            return -XenErrno.EFAULT;
        }
        short status = status(named(query));
        if (status == OKAY) {
            query.set(LE32, 4, table.count());
            query.set(LE32, 8, GrantFrames.MOST);
        }
        query.set(LE16, 12, status);
        return 0;
    }

    private static long setVersion(MemorySegment version) {
        if (version == null) {
            return -XenErrno.EFAULT;
        }
        int asked = version.get(LE32, 0);
        // Whatever was asked for, the answer says what is.
        version.set(LE32, 0, VERSION);
        if (asked == VERSION) {
            return 0;
        }
        return asked == 2 ? -XenErrno.ENOSYS : -XenErrno.EINVAL;
    }

    private long getVersion(MemorySegment version) {
        if (version == null) {
            return -XenErrno.EFAULT;
        }
        return switch (domain.standing(named(version))) {
            case SELF -> {
                version.set(LE32, 4, VERSION);
                yield 0;
            }
            case NOT_ALLOWED -> -XenErrno.EPERM;
            case UNKNOWN -> -XenErrno.ESRCH;
        };
    }
}
