package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

import dev.postern.dma.DmaPlan;
import java.util.Set;

/** R1: without ACCESS_PLATFORM the device takes guest-physical addresses, whatever the platform's tables say. */
final class AccessPlatformNotOffered extends Rule {

    AccessPlatformNotOffered() {
        super(
                "R1",
                "ACCESS_PLATFORM is not offered: Direct, whatever the tables say",
                "content:957",
                "Linux passes guest-physical addresses too, except in a Xen guest (vring_use_dma_api in"
                        + " drivers/virtio/virtio_ring.c); EDK2 goes by the transport and not by the feature; FreeBSD"
                        + " passes physical addresses always; Asterinas maps through an IOMMU all the same; virtio-win"
                        + " refuses the device where its system says that DMA is remapped",
                SourceLine.here(),
                Ladder.ADDRESSING);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return "offered " + device.offered();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return device.offers(ACCESS_PLATFORM)
                ? new Finding.NotMatched(evidenceOn(device, platform))
                : new Finding.Settled(
                        evidenceOn(device, platform), Set.of(), new Outcome.Proceed(new DmaPlan.Direct(0)));
    }

    @Override
    String peers(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                ? "EDK2 goes by the transport and not by the feature: modern PCI is bounced in SEV and TDX guests"
                        + " (IoMmuDxe), legacy PCI and MMIO get private addresses"
                : peers();
    }
}
