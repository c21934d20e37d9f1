package dev.postern.emulated.platform;

/** The errors of hypercalls (Xen public/errno.h); a call returns them negated. */
final class XenErrno {

    static final int EPERM = 1;
    static final int ESRCH = 3;
    static final int EFAULT = 14;
    static final int EINVAL = 22;
    static final int ENOSYS = 38;

    private XenErrno() {}
}
