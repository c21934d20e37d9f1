package dev.postern.boot;

import dev.postern.bus.pci.PciFunction;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMemory;
import dev.postern.facts.Fact;
import dev.postern.firmware.devicetree.DeviceTree;
import dev.postern.machine.CpuFacts.Architecture;
import dev.postern.machine.Machine;
import dev.postern.memory.FrameAllocator;
import dev.postern.platform.CacheMaintenance;
import dev.postern.platform.DataCache;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.UnknownPlatformException;
import dev.postern.quirks.decision.Coherency;
import dev.postern.topology.DevicePath;
import dev.postern.topology.DevicePaths;
import dev.postern.xen.XenServices;
import java.util.Optional;

/**
 * What a platform offers beside memory, and where firmware says how devices are connected.
 *
 * @param xen grants and machine frames, under Xen
 * @param caches for devices that are not snooped, where the architecture has such
 * @param paths from devices to memory, where a device tree tells
 * @param architecture the instruction set, as far as it is known
 */
record PlatformServices(
        XenServices xen,
        Optional<CacheMaintenance> caches,
        Optional<DevicePaths> paths,
        Optional<Architecture> architecture) {

    /**
     * Sets up what there is.
     *
     * @param frames what grant tables are taken from
     * @throws UnknownPlatformException when what Xen left in RAM cannot be read
     * @throws dev.postern.xen.XenException when Xen refuses a call
     * @throws dev.postern.firmware.devicetree.DeviceTreeException when the tree cannot be understood
     */
    static PlatformServices of(Machine machine, DetectedPlatform platform, FrameAllocator frames)
            throws UnknownPlatformException {
        Optional<Architecture> architecture = platform.architecture().map(Fact::value);
        // On a secure platform devices are software on the host's CPUs, and pages of either kind are cached alike.
        Optional<CacheMaintenance> caches =
                architecture.filter(each -> each == Architecture.AARCH64).isPresent() && !platform.secure()
                        ? machine.privilegedActs().map(DataCache::new)
                        : Optional.empty();
        return new PlatformServices(
                XenServices.of(machine, platform, frames),
                caches,
                machine.deviceTree().map(DeviceTree::read).map(DevicePaths::new),
                architecture);
    }

    /** What firmware says of a function, and what it says by leaving it out. */
    DevicePath pathOf(PciFunction function) {
        if (paths.isEmpty() || !paths.get().describes(function)) {
            return DevicePath.UNSAID;
        }
        DevicePath said = paths.get().of(function);
        // Linux drivers/of/address.c, of_dma_is_coherent: without a word, Arm takes a device for one that is not
        // snooped.
        return said.snooped().isEmpty()
                        && architecture
                                .filter(each -> each == Architecture.AARCH64)
                                .isPresent()
                ? new DevicePath(
                        said.dmaRanges(),
                        Optional.of(Fact.of(false, "device tree, no dma-coherent above; Arm does not snoop then")),
                        said.restrictedPool(),
                        said.iommuNode(),
                        said.port(),
                        said.grantDomain())
                : said;
    }

    /**
     * Adds to a device's memory what its plan may need.
     *
     * @throws DmaMappingException when the device is not snooped and nobody can maintain caches here
     */
    DmaMemory addTo(DmaMemory memory, DevicePath path, Coherency coherency, String device) {
        DmaMemory all = memory;
        if (xen.grantTable().isPresent()) {
            all = all.withGrants(
                    path.grantDomain().isPresent()
                            ? xen.forDomain(path.grantDomain().getAsInt())
                            : xen.grantTable().get());
        }
        if (xen.machineFrames().isPresent()) {
            all = all.withMachineFrames(xen.machineFrames().get());
        }
        if (coherency == Coherency.NON_COHERENT) {
            all = all.withCaches(caches.orElseThrow(() -> new DmaMappingException(
                    "DMA: %s: the interconnect does not snoop it, and caches cannot be maintained here: correct what says so (dma-coherent, _CCA), or do not offer ACCESS_PLATFORM"
                            .formatted(device))));
        }
        return all;
    }
}
