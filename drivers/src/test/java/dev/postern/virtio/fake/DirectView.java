package dev.postern.virtio.fake;

import dev.postern.dma.DeviceView;
import java.lang.foreign.MemorySegment;

/** Memory as a device sees it that reaches all of RAM at its physical addresses. */
public final class DirectView implements DeviceView {

    private final TestRam ram;

    /** The view of a device behind a direct context without an offset. */
    public DirectView(TestRam ram) {
        this.ram = ram;
    }

    @Override
    public void read(long dva, MemorySegment into) {
        into.copyFrom(ram.at(dva, into.byteSize()));
    }

    @Override
    public void write(long dva, MemorySegment from) {
        ram.at(dva, from.byteSize()).copyFrom(from);
    }
}
