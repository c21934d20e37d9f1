package dev.postern.emulated.dma;

import dev.postern.emulated.SharedPages;
import dev.postern.machine.RamRegion;
import java.util.List;

/** What the device side could read at this moment. */
public interface DeviceReadable {

    /** Which pages. */
    SharedPages sharedPages();

    /** The same memory with the bytes that a device would get, ascending, without overlap. */
    List<RamRegion> regions();
}
