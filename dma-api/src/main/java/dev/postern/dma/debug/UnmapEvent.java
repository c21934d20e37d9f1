package dev.postern.dma.debug;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A mapping ended; for flight recordings. */
@Name("dev.postern.Unmap")
@Label("Unmap")
@Category({"Postern", "DMA"})
@Description("A buffer was taken back from a device")
@StackTrace(false)
final class UnmapEvent extends Event {

    @Label("Device and Plan")
    String context;

    @Label("Device Address")
    @MemoryAddress
    long deviceAddress;

    @Label("Length")
    @DataAmount
    long length;

    @Label("Direction")
    String direction;

    @Label("Written")
    @DataAmount
    @Description("How much of it the driver takes for written by the device")
    long written;
}
