package dev.postern.emulated.dma;

import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Wakeups;
import dev.postern.machine.RamRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The port through which one function reaches memory. Every access asks whether the function may master the bus, then
 * goes through the machine's {@link DmaView}. An access that fails is written down and reported to the device as a
 * failure; nothing is ever thrown into the guest.
 */
public final class DmaPort {

    /** What {@link #load16} returns when the access failed. */
    public static final int FAILED = -1;

    private static final VarHandle LE16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LE32 =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LE64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final BusMaster master;
    private final DmaView view;
    private final Journal journal;
    private final Wakeups wakeups;

    /** The bits that the device can drive. */
    private final long addressMask;

    private Requester requester;

    /**
     * A port for one function.
     *
     * @param addressBits how many low bits of an address the function drives, 1 to 64: it really goes where the rest leads
     */
    public DmaPort(BusMaster master, DmaView view, Journal journal, Wakeups wakeups, int addressBits) {
        this.master = master;
        this.view = view;
        this.journal = journal;
        this.wakeups = wakeups;
        this.addressMask = -1L >>> 64 - addressBits;
        this.requester = new Requester(0, DmaPath.LIKE_CPU);
    }

    /** From now on accesses take this way; {@link DmaPath#LIKE_CPU} until told. */
    public void takePath(DmaPath path) {
        requester = new Requester(requester.id(), path);
    }

    /** Who asks now; the id changes with the numbers of the buses. */
    public Requester requester() {
        int id = master.requesterId();
        if (requester.id() != id) {
            requester = new Requester(id, requester.path());
        }
        return requester;
    }

    /** Whether accesses are forwarded now. */
    public boolean mayMaster() {
        return master.mayMaster();
    }

    /** What a range is cut to so that it does not pass the highest address the device can drive; the next begins at 0. */
    private long beforeWrap(long driven, long length) {
        return addressMask == -1L ? length : Math.min(length, addressMask - driven + 1);
    }

    /** Where an address really leads. */
    long driven(long dva) {
        return dva & addressMask;
    }

    /** As {@link DmaView#plainRam}; null too where the range passes the highest address that the device can drive. */
    RamRegion plainRam(long dva, long length, DmaIntent intent) {
        long driven = dva & addressMask;
        return beforeWrap(driven, length) < length ? null : view.plainRam(requester(), driven, length, intent);
    }

    /** Keeps a range mapped until it is let go of. */
    public Hold hold(long dva, long length, DmaIntent intent) {
        long driven = dva & addressMask;
        return view.hold(requester(), driven, beforeWrap(driven, length), intent);
    }

    /**
     * The bytes at the start of a range, in place. A caller that wants more asks again behind what it got.
     *
     * @param dva address on the bus
     * @param length at least 1
     * @return a piece of 1 to {@code length} bytes, or null when the access failed
     */
    public MemorySegment piece(long dva, long length, DmaIntent intent) {
        long driven = dva & addressMask;
        return answer(driven, beforeWrap(driven, length), intent);
    }

    private MemorySegment answer(long dva, long length, DmaIntent intent) {
        if (!master.mayMaster()) {
            journal.guestError(
                    master.name(), "pci:bus-master", "DMA %s at 0x%x with bus mastering off".formatted(intent, dva));
            return null;
        }
        MemorySegment piece = view.piece(requester(), dva, length, intent);
        if (piece == null) {
            journal.guestError(
                    master.name(), "pci:dma-target", "DMA %s at 0x%x, where no memory answers".formatted(intent, dva));
        }
        return piece;
    }

    /** Whether all of a range answers. A range of no bytes does. */
    public boolean reaches(long dva, long length, DmaIntent intent) {
        long done = 0;
        while (done < length) {
            long driven = dva + done & addressMask;
            long reach =
                    master.mayMaster() ? view.reach(requester(), driven, beforeWrap(driven, length - done), intent) : 0;
            if (reach == 0) {
                // Asked for as if to use it, so that the failure is written down with its reason.
                piece(dva + done, length - done, intent);
                return false;
            }
            done += reach;
        }
        return true;
    }

    /** Copies from memory into all of {@code into}. False when the access failed; what was copied is then undefined. */
    public boolean read(long dva, MemorySegment into) {
        long done = 0;
        while (done < into.byteSize()) {
            MemorySegment piece = piece(dva + done, into.byteSize() - done, DmaIntent.READ);
            if (piece == null) {
                return false;
            }
            MemorySegment.copy(piece, 0, into, done, piece.byteSize());
            done += piece.byteSize();
        }
        return true;
    }

    /** Copies all of {@code from} to memory. False when the access failed; a part may have been stored. */
    public boolean write(long dva, MemorySegment from) {
        long done = 0;
        while (done < from.byteSize()) {
            MemorySegment piece = piece(dva + done, from.byteSize() - done, DmaIntent.WRITE);
            if (piece == null) {
                return false;
            }
            MemorySegment.copy(from, done, piece, 0, piece.byteSize());
            done += piece.byteSize();
        }
        return true;
    }

    /**
     * Loads 16 bits in one access that orders everything after it: what the driver stored before an index is seen after
     * the index.
     *
     * @return 0 to 0xffff, or {@link #FAILED}
     */
    public int load16(long dva) {
        MemorySegment piece = aligned(dva, 2, DmaIntent.READ);
        return piece == null ? FAILED : (short) LE16.getAcquire(piece, 0L) & 0xffff;
    }

    /** Stores 16 bits in one access that everything before it precedes. False when the access failed. */
    public boolean store16(long dva, int value) {
        MemorySegment piece = aligned(dva, 2, DmaIntent.WRITE);
        if (piece == null) {
            return false;
        }
        LE16.setRelease(piece, 0L, (short) value);
        return true;
    }

    /** Stores 32 bits in one access that everything before it precedes. False when the access failed. */
    public boolean store32(long dva, int value) {
        MemorySegment piece = aligned(dva, 4, DmaIntent.WRITE);
        if (piece == null) {
            return false;
        }
        LE32.setRelease(piece, 0L, value);
        return true;
    }

    /** Stores 64 bits in one access that everything before it precedes. False when the access failed. */
    public boolean store64(long dva, long value) {
        MemorySegment piece = aligned(dva, 8, DmaIntent.WRITE);
        if (piece == null) {
            return false;
        }
        LE64.setRelease(piece, 0L, value);
        return true;
    }

    /**
     * Sends a message-signalled interrupt: a 32-bit store that also wakes the CPU. A failure is only written down, and a
     * store that the CPU cannot see wakes nobody. All 64 bits of the address are driven: the bus interface sends it, not the part of
     * the device that moves data.
     */
    public void message(long dva, int data) {
        if (misaligned(dva, 4, DmaIntent.MESSAGE)) {
            return;
        }
        MemorySegment doorbell = answer(dva, 4, DmaIntent.MESSAGE);
        if (doorbell == null) {
            return;
        }
        LE32.setRelease(doorbell, 0L, data);
        if (view.arrives(requester(), dva)) {
            wakeups.note();
        }
    }

    private MemorySegment aligned(long dva, int width, DmaIntent intent) {
        // An aligned access never straddles a page, so a view cannot answer for a part of it.
        return misaligned(dva, width, intent) ? null : piece(dva, width, intent);
    }

    private boolean misaligned(long dva, int width, DmaIntent intent) {
        if ((dva & (width - 1)) == 0) {
            return false;
        }
        journal.guestError(
                master.name(),
                "pci:dma-target",
                "DMA %s of %d bytes at 0x%x, which is not aligned".formatted(intent, width, dva));
        return true;
    }
}
