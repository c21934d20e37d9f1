package dev.postern.quirks.decision;

import static dev.postern.quirks.decision.ReservedFeature.ACCESS_PLATFORM;

/** B1: a secure platform keeps the device from private memory, so every buffer goes through shared pages. */
final class SharedPagesOnlyBounce extends Rule {

    SharedPagesOnlyBounce() {
        super(
                "B1",
                "the platform lets the device reach shared pages only: Bounced",
                "DESIGN two questions, content:954b",
                "Linux forces its bounce buffers (pci_swiotlb_detect in arch/x86/kernel/pci-dma.c, init_svm in"
                        + " arch/powerpc/platforms/pseries/svm.c); EDK2 bounces for modern PCI devices in SEV and TDX"
                        + " guests (IoMmuDxe) and hands out private addresses on legacy PCI and MMIO",
                SourceLine.here(),
                Ladder.REACH);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().toString();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().value() instanceof MemoryReach.SharedPagesOnly
                ? new Finding.Reached(evidenceOn(device, platform), Finding.Wrapping.BOUNCED)
                : new Finding.NotMatched(evidenceOn(device, platform));
    }

    @Override
    String peers(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().value() instanceof MemoryReach.SharedPagesOnly shared && !device.offers(ACCESS_PLATFORM)
                ? shared.withoutAccessPlatform().words()
                : peers();
    }
}
