package dev.postern.emulated.platform;

/**
 * Which domain a guest is to Xen.
 *
 * @param id its own; 0 for the first domain
 */
record XenDomain(int id) {

    /** The first domain, from which the machine is run. */
    static final XenDomain FIRST = new XenDomain(0);

    /** Any other. */
    static final XenDomain GUEST = new XenDomain(7);

    /** What a call names itself by (Xen public/xen.h, DOMID_SELF). */
    private static final int SELF = 0x7ff0;

    /** Whom a call may be about. */
    enum Standing {
        /** The caller. */
        SELF,
        /** The first domain, over which the caller has no rights. */
        NOT_ALLOWED,
        /** Nobody. */
        UNKNOWN
    }

    Standing standing(int named) {
        if (named == SELF || named == id) {
            return Standing.SELF;
        }
        return named == FIRST.id() ? Standing.NOT_ALLOWED : Standing.UNKNOWN;
    }
}
