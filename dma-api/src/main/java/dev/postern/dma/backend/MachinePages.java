package dev.postern.dma.backend;

import dev.postern.dma.bounce.PageAddresses;
import dev.postern.memory.PhysRange;
import dev.postern.xen.MachineFrames;
import java.util.Optional;

/** The device reaches a page at its machine address; pages that follow each other for the guest need not do so there. */
final class MachinePages implements PageAddresses {

    private static final long PAGE = MachineFrames.PAGE_BYTES;

    private final MachineFrames numbers;
    private final AddressLimits limits;

    MachinePages(MachineFrames numbers, AddressLimits limits) {
        this.numbers = numbers;
        this.limits = limits;
    }

    @Override
    public Optional<String> unreachable(PhysRange pages) {
        for (long pa = pages.basePa(); pa < pages.endPa(); pa += PAGE) {
            long machine = numbers.machineAddress(pa);
            if (!limits.expressible(machine, PAGE)) {
                return Optional.of(
                        "where a page has machine address 0x%x, beyond the %d address bits of the device: use a device with more"
                                .formatted(machine, limits.constraints().addressBits()));
            }
        }
        return Optional.empty();
    }

    @Override
    public long following(PhysRange pages) {
        long first = numbers.machineAddress(pages.basePa());
        long length = PAGE;
        while (length < pages.length() && numbers.machineAddress(pages.basePa() + length) == first + length) {
            length += PAGE;
        }
        return length;
    }

    @Override
    public long alwaysFollowing() {
        return PAGE;
    }

    @Override
    public long open(PhysRange pages) {
        return numbers.machineAddress(pages.basePa());
    }

    @Override
    public boolean close(PhysRange pages, long deviceAddress) {
        return true;
    }
}
