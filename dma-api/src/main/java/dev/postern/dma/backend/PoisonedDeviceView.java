package dev.postern.dma.backend;

import dev.postern.dma.DeviceFaultException;
import dev.postern.dma.DeviceView;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;

/** Applies the live grants of a hostile context to what a scripted device does. */
final class PoisonedDeviceView implements DeviceView {

    private final Object lock;
    private final NavigableMap<Long, Grant> grants;
    private final PoisonedFrames quarantine;
    private final String name;

    /**
     * A view of live grants.
     *
     * @param lock guards the grants and their memory
     * @param grants by device address
     */
    PoisonedDeviceView(Object lock, NavigableMap<Long, Grant> grants, PoisonedFrames quarantine, String name) {
        this.lock = lock;
        this.grants = grants;
        this.quarantine = quarantine;
        this.name = name;
    }

    @Override
    public void read(long dva, MemorySegment into) {
        synchronized (lock) {
            Grant grant = find(dva, into.byteSize(), "read");
            if (!grant.direction().deviceReads()) {
                throw fault("read", dva, into.byteSize(), "it is in a " + grant.what());
            }
            MemorySegment.copy(grant.memory(), dva - grant.dva(), into, 0, into.byteSize());
        }
    }

    @Override
    public void write(long dva, MemorySegment from) {
        synchronized (lock) {
            Grant grant = find(dva, from.byteSize(), "wrote");
            if (!grant.direction().deviceWrites()) {
                throw fault("wrote", dva, from.byteSize(), "it is in a " + grant.what());
            }
            MemorySegment.copy(from, 0, grant.memory(), dva - grant.dva(), from.byteSize());
        }
    }

    private Grant find(long dva, long length, String verb) {
        Map.Entry<Long, Grant> entry = grants.floorEntry(dva);
        if (entry == null || !entry.getValue().place().usable().contains(dva)) {
            String before = quarantine
                    .formerly(dva)
                    .map(what -> "it was in a %s that has ended".formatted(what))
                    .orElse("nothing is mapped there");
            throw fault(verb, dva, length, before);
        }
        Grant grant = entry.getValue();
        if (!grant.place().usable().contains(dva, length)) {
            throw fault(verb, dva, length, "that is past the end of the %s".formatted(grant.what()));
        }
        return grant;
    }

    private DeviceFaultException fault(String verb, long dva, long length, String why) {
        return new DeviceFaultException(
                "DMA: %s: the device %s %d bytes at device address 0x%x: %s".formatted(name, verb, length, dva, why));
    }
}
