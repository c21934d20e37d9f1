package dev.postern.os;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;

/**
 * The C library's functions that the JDK has no way to call, mapped directly. The class is initialised, and with it the
 * native library loaded, by the first call.
 *
 * <p>Types are those of a 64-bit Linux: {@code off_t} and {@code size_t} are a {@code long}.
 */
final class LibC {

    /** {@code MFD_CLOEXEC}, linux/memfd.h. */
    static final int MFD_CLOEXEC = 1;

    /** {@code MFD_ALLOW_SEALING}, linux/memfd.h. */
    static final int MFD_ALLOW_SEALING = 2;

    /** {@code F_ADD_SEALS}, linux/fcntl.h. */
    static final int F_ADD_SEALS = 1033;

    /** {@code F_GET_SEALS}, linux/fcntl.h. */
    static final int F_GET_SEALS = 1034;

    /** {@code F_SEAL_SEAL}, linux/fcntl.h. */
    static final int F_SEAL_SEAL = 1;

    /** {@code F_SEAL_SHRINK}, linux/fcntl.h. */
    static final int F_SEAL_SHRINK = 2;

    /** {@code F_SEAL_GROW}, linux/fcntl.h. */
    static final int F_SEAL_GROW = 4;

    /** {@code O_RDWR | O_CLOEXEC}, asm-generic/fcntl.h. */
    static final int O_RDWR_CLOEXEC = 02 | 02000000;

    /** {@code FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE}, linux/falloc.h. */
    static final int PUNCH_HOLE_KEEP_SIZE = 1 | 2;

    /** {@code MFD_HUGETLB | MFD_HUGE_2MB}, linux/memfd.h: 21 is the binary logarithm of the size. */
    static final int MFD_HUGE_2MB = 4 | 21 << 26;

    /** {@code F_GETFL}, asm-generic/fcntl.h. */
    static final int F_GETFL = 3;

    /** {@code F_SETFL}, asm-generic/fcntl.h. */
    static final int F_SETFL = 4;

    /** {@code O_NONBLOCK}, asm-generic/fcntl.h. */
    static final int O_NONBLOCK = 04000;

    /** {@code AF_UNIX}, linux/socket.h. */
    static final int AF_UNIX = 1;

    /** {@code SOCK_STREAM | SOCK_CLOEXEC}, bits/socket_type.h. */
    static final int STREAM_CLOEXEC = 1 | 02000000;

    /** {@code SOCK_CLOEXEC}, bits/socket_type.h. */
    static final int SOCK_CLOEXEC = 02000000;

    /** {@code SOL_SOCKET}, asm-generic/socket.h. */
    static final int SOL_SOCKET = 1;

    /** {@code SO_SNDTIMEO}, asm-generic/socket.h, with the time of a 64-bit system. */
    static final int SO_SNDTIMEO = 21;

    /** {@code SHUT_WR}, sys/socket.h. */
    static final int SHUT_WR = 1;

    /** {@code MSG_PEEK | MSG_DONTWAIT}, bits/socket.h. */
    static final int PEEK_DONTWAIT = 2 | 0x40;

    /** {@code MSG_DONTWAIT | MSG_NOSIGNAL}, bits/socket.h. */
    static final int DONTWAIT_NOSIGNAL = 0x40 | 0x4000;

    /** {@code MSG_DONTWAIT | MSG_CMSG_CLOEXEC}, bits/socket.h. */
    static final int DONTWAIT_CLOEXEC = 0x40 | 0x4000_0000;

    /** {@code EFD_CLOEXEC | EFD_NONBLOCK}, bits/eventfd.h. */
    static final int EFD_CLOEXEC_NONBLOCK = 02000000 | 04000;

    /** {@code EPOLL_CLOEXEC}, bits/epoll.h. */
    static final int EPOLL_CLOEXEC = 02000000;

    /** {@code EPOLL_CTL_ADD}, sys/epoll.h. */
    static final int EPOLL_CTL_ADD = 1;

    /** {@code EPOLL_CTL_DEL}, sys/epoll.h. */
    static final int EPOLL_CTL_DEL = 2;

    /** {@code CLOCK_MONOTONIC}, linux/time.h. */
    static final int CLOCK_MONOTONIC = 1;

    /** {@code TFD_CLOEXEC | TFD_NONBLOCK}, linux/timerfd.h. */
    static final int TFD_CLOEXEC_NONBLOCK = 02000000 | 04000;

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int ENOTDIR = 20;
    static final int EPIPE = 32;
    static final int ENOSYS = 38;
    static final int ECONNRESET = 104;
    static final int ECONNREFUSED = 111;

    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int memfd_create(String name, int flags) throws LastErrorException;

    static native int ftruncate(int descriptor, long length) throws LastErrorException;

    static native int fcntl(int descriptor, int command, int argument) throws LastErrorException;

    static native int open(String path, int flags) throws LastErrorException;

    static native int fallocate(int descriptor, int mode, long offset, long length) throws LastErrorException;

    static native int socket(int domain, int type, int protocol) throws LastErrorException;

    /** Both descriptors are written to two ints at an address. */
    static native int socketpair(int domain, int type, int protocol, long descriptors) throws LastErrorException;

    static native int connect(int descriptor, long address, int length) throws LastErrorException;

    static native int bind(int descriptor, long address, int length) throws LastErrorException;

    static native int listen(int descriptor, int backlog) throws LastErrorException;

    static native int accept4(int descriptor, long address, long length, int flags) throws LastErrorException;

    static native int setsockopt(int descriptor, int level, int option, long value, int length)
            throws LastErrorException;

    static native int shutdown(int descriptor, int how) throws LastErrorException;

    static native long sendmsg(int descriptor, long message, int flags) throws LastErrorException;

    static native long recvmsg(int descriptor, long message, int flags) throws LastErrorException;

    static native long recv(int descriptor, long buffer, long length, int flags) throws LastErrorException;

    static native int eventfd(int value, int flags) throws LastErrorException;

    static native int epoll_create1(int flags) throws LastErrorException;

    static native int epoll_ctl(int set, int operation, int descriptor, long event) throws LastErrorException;

    static native int timerfd_create(int clock, int flags) throws LastErrorException;

    static native int kill(int process, int signal) throws LastErrorException;

    static native int fstatfs(int descriptor, long found) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;
}
