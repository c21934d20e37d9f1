package dev.postern.xen;

/** The frame by which Xen knows a page of the guest. */
@FunctionalInterface
interface FrameNumbers {

    /** A guest whose physical addresses are Xen's as well. */
    FrameNumbers GUEST_FRAMES = pa -> pa / GrantTable.PAGE_BYTES;

    /** A paravirtualised guest: the machine's frames. */
    static FrameNumbers of(MachineFrames machine) {
        return pa -> machine.machineAddress(pa) / GrantTable.PAGE_BYTES;
    }

    /**
     * The number.
     *
     * @param pa of a page of RAM, a multiple of {@link GrantTable#PAGE_BYTES}
     */
    long frameOf(long pa);
}
