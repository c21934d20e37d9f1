package dev.postern.dma.debug;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A buffer was mapped for a device; for flight recordings. The duration holds what the plan needs: copies, grants, cache lines. */
@Name("dev.postern.Map")
@Label("Map")
@Category({"Postern", "DMA"})
@Description("A buffer was given to a device")
@StackTrace(false)
final class MapEvent extends Event {

    @Label("Device and Plan")
    String context;

    @Label("Physical Address")
    @MemoryAddress
    long pa;

    @Label("Device Address")
    @MemoryAddress
    long deviceAddress;

    @Label("Length")
    @DataAmount
    long length;

    @Label("Direction")
    String direction;
}
