package dev.postern.emulated.dma;

import dev.postern.emulated.SharedPages;
import dev.postern.machine.RamRegion;
import java.util.List;

/** What the device side could reach at this moment. */
public interface DeviceReadable {

    /** Which pages the platform lets devices at. */
    SharedPages sharedPages();

    /** The same memory with the bytes that a device would get, ascending, without overlap. */
    List<RamRegion> regions();

    /** What a device that takes a path could reach, ascending, without overlap. */
    default List<SharedPages.Range> ranges(DmaPath path, DmaIntent intent) {
        return sharedPages().ranges();
    }
}
