package dev.postern.emulated.storage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The bytes behind a disk. Offsets and lengths are multiples of 512 and lie inside {@link #bytes()}. */
public interface Storage extends AutoCloseable {

    /** Size in bytes. */
    long bytes();

    /** Fills all of {@code into} from an offset. */
    void read(long offset, MemorySegment into) throws IOException;

    /** Stores all of {@code from} at an offset. */
    void write(long offset, MemorySegment from) throws IOException;

    /** Nobody needs a range any more; what is read from it then is anything. */
    void discard(long offset, long length) throws IOException;

    /** A range reads as zeros. */
    void zero(long offset, long length, Space space) throws IOException;

    /** Makes what was written durable. */
    void flush() throws IOException;

    @Override
    void close() throws IOException;
}
