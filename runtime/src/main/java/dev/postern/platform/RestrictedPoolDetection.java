package dev.postern.platform;

import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.firmware.devicetree.RestrictedDmaPool;
import dev.postern.memory.PhysRange;
import java.util.List;
import java.util.Optional;

/**
 * Finds the memory that devices are restricted to, by the device tree. A pool that no device is bound to restricts nobody, and one
 * without a place has none yet; both are only noted.
 */
final class RestrictedPoolDetection {

    private RestrictedPoolDetection() {}

    /**
     * Looks for the pool.
     *
     * @param shareable where memory can be shared at all
     * @param trace gets a line for each pool
     * @throws UnknownPlatformException when devices are bound to different pools, or to one outside the shareable memory
     */
    static Optional<Fact<PhysRange>> detect(DeviceTree tree, List<PhysRange> shareable, List<Fact<String>> trace)
            throws UnknownPlatformException {
        Optional<Fact<PhysRange>> found = Optional.empty();
        for (RestrictedDmaPool pool : RestrictedDmaPool.in(tree)) {
            String where = "device tree, " + pool.path();
            if (pool.devices().isEmpty() || pool.range().isEmpty()) {
                trace.add(Fact.of(
                        pool.devices().isEmpty()
                                ? "a restricted DMA pool that no device is bound to"
                                : "a restricted DMA pool without a place",
                        where));
                continue;
            }
            PhysRange range = pool.range().get();
            if (found.isPresent()) {
                throw new UnknownPlatformException(
                        "the device tree restricts devices to two pools, %s and %s (%s): one is supported; bind all devices to one"
                                .formatted(found.get().value(), range, pool.path()));
            }
            if (shareable.stream().noneMatch(part -> part.contains(range))) {
                throw new UnknownPlatformException(
                        "the device tree restricts devices to %s (%s), which is no memory that can be shared, %s: correct reg"
                                .formatted(range, pool.path(), shareable));
            }
            String devices = String.join(", ", pool.devices());
            trace.add(Fact.of("DMA of %s is restricted to %s".formatted(devices, range), where));
            found = Optional.of(Fact.of(range, where + ", memory-region of " + devices));
        }
        return found;
    }
}
