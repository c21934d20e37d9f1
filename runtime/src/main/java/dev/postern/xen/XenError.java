package dev.postern.xen;

/** The error numbers by which Xen refuses a hypercall (xen/include/public/errno.h), negated as it returns them. */
final class XenError {

    /** The hypervisor has no such call. */
    static final long ENOSYS = -38;

    private XenError() {}

    /** An answer with its name, if it has one here. */
    static String text(long answer) {
        String name = switch ((int) answer) {
            case -1 -> " (EPERM)";
            case -3 -> " (ESRCH)";
            case -7 -> " (E2BIG)";
            case -11 -> " (EAGAIN)";
            case -12 -> " (ENOMEM)";
            case -14 -> " (EFAULT)";
            case -16 -> " (EBUSY)";
            case -22 -> " (EINVAL)";
            case -28 -> " (ENOSPC)";
            case -34 -> " (ERANGE)";
            case (int) ENOSYS -> " (ENOSYS)";
            case -95 -> " (EOPNOTSUPP)";
            default -> "";
        };
        return answer + name;
    }
}
