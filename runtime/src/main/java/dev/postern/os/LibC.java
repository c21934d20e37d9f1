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

    /** {@code F_SEAL_SHRINK}, linux/fcntl.h. */
    static final int F_SEAL_SHRINK = 2;

    /** {@code F_SEAL_GROW}, linux/fcntl.h. */
    static final int F_SEAL_GROW = 4;

    /** {@code O_RDWR | O_CLOEXEC}, asm-generic/fcntl.h. */
    static final int O_RDWR_CLOEXEC = 02 | 02000000;

    /** {@code FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE}, linux/falloc.h. */
    static final int PUNCH_HOLE_KEEP_SIZE = 1 | 2;

    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int memfd_create(String name, int flags) throws LastErrorException;

    static native int ftruncate(int descriptor, long length) throws LastErrorException;

    static native int fcntl(int descriptor, int command, int argument) throws LastErrorException;

    static native int open(String path, int flags) throws LastErrorException;

    static native int fallocate(int descriptor, int mode, long offset, long length) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;
}
