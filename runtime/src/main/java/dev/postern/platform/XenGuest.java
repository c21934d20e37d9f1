package dev.postern.platform;

/** What kind of guest Xen runs this one as. */
public enum XenGuest {
    /** None: there is no Xen beneath. */
    NONE,
    /** In a virtual machine of the processor's own making (HVM, PVH, and every guest on Arm): its physical addresses are Xen's too. */
    HVM,
    /** Paravirtualised: the guest numbers its pages by itself, and where they really lie is another matter. */
    PV,
    /** Paravirtualised, and the first domain: it drives the real devices. */
    PV_FIRST_DOMAIN;

    /** Whether what the guest calls physical is a numbering of its own. */
    public boolean paravirtualised() {
        return this == PV || this == PV_FIRST_DOMAIN;
    }
}
