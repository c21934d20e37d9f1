package dev.postern.xen;

import dev.postern.machine.PrivilegedActs;
import dev.postern.machine.PrivilegedActs.Instruction;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The calls that a grant table takes, with their structures as a 64-bit guest has them (xen/include/public/xen.h, memory.h and
 * grant_table.h).
 *
 * <p>The structures lie in a frame of their own, for good. One thread at a time.
 */
final class XenHypercalls {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long MEMORY_OP = 12;
    private static final long ADD_TO_PHYSMAP = 7;
    private static final int SPACE_GRANT_TABLE = 1;

    private static final long GRANT_TABLE_OP = 20;
    private static final long QUERY_SIZE = 6;
    private static final long SET_VERSION = 8;
    private static final long ONE_STRUCTURE = 1;
    private static final int STATUS_OKAY = 0;

    private static final short DOMID_SELF = 0x7ff0;
    private static final int VERSION = 1;

    private final PrivilegedActs acts;
    private final long argumentPa;
    private final MemorySegment argument;

    XenHypercalls(PrivilegedActs acts, FrameAllocator frames) {
        this.acts = acts;
        PhysRange frame = frames.allocate(FrameAllocator.FRAME_BYTES, FrameRequest.ANY);
        argumentPa = frame.basePa();
        argument = frames.memory().slice(frame.basePa(), frame.length());
    }

    /** Chooses entries of version 1. A hypervisor that does not have the call has no other version. */
    void chooseVersion() {
        argument.set(INT, 0, VERSION);
        long answer = grantTableOp(SET_VERSION);
        if (answer == XenError.ENOSYS) {
            return;
        }
        int version = argument.get(INT, 0);
        if (answer != 0 || version != VERSION) {
            throw new XenException(
                    "GNTTABOP_set_version to %d: Xen answered %s, version %d; end all grants of the domain first, and let it have version %d"
                            .formatted(VERSION, XenError.text(answer), version, VERSION));
        }
    }

    /** How many frames the table may grow to; at least 1. */
    long mostFrames() {
        argument.set(SHORT, 0, DOMID_SELF);
        argument.set(INT, 4, 0);
        argument.set(INT, 8, 0);
        argument.set(SHORT, 12, (short) STATUS_OKAY);
        long answer = grantTableOp(QUERY_SIZE);
        long most = Integer.toUnsignedLong(argument.get(INT, 8));
        int status = argument.get(SHORT, 12);
        if (answer != 0 || status != STATUS_OKAY || most == 0) {
            throw new XenException(
                    "GNTTABOP_query_size: Xen answered %s, status %d, at most %d frames; give the domain grant frames (max_grant_frames)"
                            .formatted(XenError.text(answer), status, most));
        }
        return most;
    }

    /**
     * Makes a frame of the table appear in place of a page of RAM.
     *
     * @param index which frame, from 0
     * @param guestFrame number of the page
     */
    void placeTableFrame(int index, long guestFrame) {
        argument.set(SHORT, 0, DOMID_SELF);
        argument.set(SHORT, 2, (short) 0);
        argument.set(INT, 4, SPACE_GRANT_TABLE);
        argument.set(LONG, 8, index);
        argument.set(LONG, 16, guestFrame);
        long answer = acts.execute(Instruction.XEN_HYPERCALL, MEMORY_OP, ADD_TO_PHYSMAP, argumentPa)[0];
        if (answer != 0) {
            throw new XenException(
                    "XENMEM_add_to_physmap of grant table frame %d at guest frame 0x%x: Xen answered %s; give the domain more grant frames (max_grant_frames)"
                            .formatted(index, guestFrame, XenError.text(answer)));
        }
    }

    private long grantTableOp(long operation) {
        return acts.execute(Instruction.XEN_HYPERCALL, GRANT_TABLE_OP, operation, argumentPa, ONE_STRUCTURE)[0];
    }
}
