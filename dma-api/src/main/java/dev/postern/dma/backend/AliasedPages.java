package dev.postern.dma.backend;

import dev.postern.dma.bounce.PageAddresses;
import dev.postern.memory.PhysRange;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * The device reaches a page at its guest-physical address, or where the platform shows shared pages, plus the constant of the bus.
 *
 * <p>The window of the bus is one of guest-physical addresses: what a platform adds to say that a page is shared is no part of it
 * (Linux {@code include/linux/dma-direct.h}: the ranges of the bus come first, the shared bit after them).
 */
final class AliasedPages implements PageAddresses {

    private final LongUnaryOperator alias;
    private final AddressLimits limits;
    private final Coherency coherency;

    /**
     * Addresses pages.
     *
     * @param alias where the platform shows a page, before the constant
     * @param limits with the constant
     * @param coherency what makes the zeros in a page reach the memory before the device does
     */
    AliasedPages(LongUnaryOperator alias, AddressLimits limits, Coherency coherency) {
        this.alias = alias;
        this.limits = limits;
        this.coherency = coherency;
    }

    @Override
    public Optional<String> unreachable(PhysRange pages) {
        if (!limits.carried(pages.basePa(), pages.length())) {
            return Optional.of("outside 0x%x-0x%x, which the bus carries for the device: make the pool of memory inside"
                    .formatted(limits.window().firstPa(), limits.window().lastPa()));
        }
        return limits.expressible(addressOf(pages), pages.length())
                ? Optional.empty()
                : Optional.of("beyond the %d address bits of the device: make the pool of lower memory"
                        .formatted(limits.constraints().addressBits()));
    }

    @Override
    public long open(PhysRange pages) {
        // Until then, the memory beneath may hold what others left there.
        coherency.toDevice(pages.basePa(), pages.length());
        return addressOf(pages);
    }

    @Override
    public boolean close(PhysRange pages, long deviceAddress) {
        return true;
    }

    private long addressOf(PhysRange pages) {
        return alias.applyAsLong(pages.basePa()) + limits.offset();
    }
}
