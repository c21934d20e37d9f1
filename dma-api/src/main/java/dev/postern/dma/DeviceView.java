package dev.postern.dma;

import java.lang.foreign.MemorySegment;

/**
 * Memory as one device sees it through its context. Each access lies within one live mapping or coherent buffer.
 *
 * <p><b>Threads:</b> an access is atomic towards map, sync and unmap of the same context; it orders nothing else.
 */
public interface DeviceView {

    /**
     * The device reads.
     *
     * @param dva device address of the first byte
     * @param into is filled wholly
     * @throws DeviceFaultException when a byte is not mapped, or is mapped FROM_DEVICE
     */
    void read(long dva, MemorySegment into);

    /**
     * The device writes.
     *
     * @param dva device address of the first byte
     * @param from is written wholly
     * @throws DeviceFaultException when a byte is not mapped, or is mapped TO_DEVICE; nothing is written then
     */
    void write(long dva, MemorySegment from);

    /** The device reads {@code length} bytes, as {@link #read(long, MemorySegment)}. */
    default byte[] read(long dva, int length) {
        byte[] bytes = new byte[length];
        read(dva, MemorySegment.ofArray(bytes));
        return bytes;
    }

    /** The device writes bytes, as {@link #write(long, MemorySegment)}. */
    default void write(long dva, byte[] from) {
        write(dva, MemorySegment.ofArray(from));
    }
}
