package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;
import java.util.Optional;
import java.util.Set;

/**
 * Linux's rule for how the memory accesses of a virtio device are arranged, as a pure function of what was found.
 *
 * <p>Source: really_probe() in drivers/base/dd.c (the bus configures DMA first), virtio_dev_probe() in drivers/virtio/virtio.c and
 * what they call, v6.12.117 (with the options of CONFIG_ that distributions set); each step has its class here. Realms of arm64 are of
 * v6.13 and later. Facts that Linux has no means to know, such as how many address bits the device drives, are not read.
 */
final class LinuxRule {

    private LinuxRule() {}

    /** What Linux does. */
    static LinuxAnswer of(FactSheet sheet) {
        Optional<LinuxAnswer.Deferred> deferral = DmaConfigure.deferral(sheet);
        if (deferral.isPresent()) {
            return deferral.get();
        }
        Optional<LinuxAnswer.Refused> finalized = VirtioFinalizeFeatures.refusal(sheet);
        if (finalized.isPresent()) {
            return finalized.get();
        }
        Set<LinuxFeature> accepted = VirtioFinalizeFeatures.accepted(sheet);
        Optional<LinuxAnswer.Refused> refusal = VirtioFeaturesOk.refusal(sheet, accepted);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        return VringUseDmaApi.uses(sheet, accepted) ? throughDmaApi(sheet, accepted) : raw(sheet, accepted);
    }

    private static LinuxAnswer raw(FactSheet sheet, Set<LinuxFeature> accepted) {
        boolean encrypted = CcPlatformHas.memoryIsPrivate(sheet) || CcPlatformHas.hostMemEncrypt(sheet);
        return new LinuxAnswer.Served(
                DmaPath.RAW,
                AddressForm.PHYSICAL,
                0,
                Bounce.NEVER,
                accepted,
                VringWeakBarriers.of(accepted),
                DevIsDmaCoherent.coherent(sheet) ? CacheCare.COHERENT : CacheCare.NEGLECTED,
                encrypted ? DeviceView.PRIVATE_MEMORY : DeviceView.BUFFER,
                VirtioTransport.ringFit(sheet));
    }

    private static LinuxAnswer throughDmaApi(FactSheet sheet, Set<LinuxFeature> accepted) {
        if (DmaConfigure.installsDummyOps(sheet) && !VirtioCheckMemAcc.setsUpGrants(sheet)) {
            return new LinuxAnswer.Refused(Errno.ENOMEM, "no ring: the device's operations map nothing");
        }
        DmaPath path = DmaGoDirect.path(sheet);
        boolean byPhysical =
                path == DmaPath.DIRECT || path == DmaPath.XEN_SWIOTLB && !XenSwiotlbMapPage.movesFrames(sheet);
        if (byPhysical && DmaCapable.reach(sheet) == DmaCapable.Reach.NONE) {
            return new LinuxAnswer.Refused(Errno.ENOMEM, "no ring: no memory below the limit of the bus");
        }
        AddressForm form = form(sheet, path);
        return new LinuxAnswer.Served(
                path,
                form,
                form == AddressForm.OFFSET || form == AddressForm.ENCRYPTION_BIT ? PhysToDma.offset(sheet) : 0,
                bounce(sheet, path),
                accepted,
                VringWeakBarriers.of(accepted),
                cacheCare(sheet, path),
                view(sheet, path),
                // dma_alloc_coherent() keeps to the coherent mask.
                RingFit.FITS);
    }

    private static AddressForm form(FactSheet sheet, DmaPath path) {
        return switch (path) {
            case RAW -> AddressForm.PHYSICAL;
            case DIRECT -> everyBufferBounces(sheet) ? PhysToDma.formOfPool(sheet) : PhysToDma.form(sheet);
            case IOMMU, PLATFORM_OPS -> AddressForm.IOVA;
            case XEN_GRANTS -> AddressForm.GRANT;
            case XEN_SWIOTLB -> XenSwiotlbMapPage.form(sheet);
        };
    }

    /** Whether none keeps its own address. Where the limit is below the encryption bit, every address with the bit is beyond it. */
    private static boolean everyBufferBounces(FactSheet sheet) {
        Bounce bounce = DmaDirectMapPage.bounce(sheet);
        return bounce == Bounce.ALWAYS
                || bounce == Bounce.BEYOND_REACH && PhysToDma.form(sheet) == AddressForm.ENCRYPTION_BIT;
    }

    private static Bounce bounce(FactSheet sheet, DmaPath path) {
        return switch (path) {
            case DIRECT -> DmaDirectMapPage.bounce(sheet);
            case IOMMU -> IommuDmaMapPage.bounce(sheet);
            case XEN_SWIOTLB -> XenSwiotlbMapPage.bounce(sheet);
            case RAW, XEN_GRANTS, PLATFORM_OPS -> Bounce.NEVER;
        };
    }

    private static CacheCare cacheCare(FactSheet sheet, DmaPath path) {
        if (DevIsDmaCoherent.coherent(sheet)) {
            return CacheCare.COHERENT;
        }
        // xen_grant_dma_map_page() has no care for caches.
        return path == DmaPath.XEN_GRANTS ? CacheCare.NEGLECTED : CacheCare.MAINTAINED;
    }

    private static DeviceView view(FactSheet sheet, DmaPath path) {
        return switch (path) {
            case DIRECT -> DmaDirectMapPage.view(sheet);
            case IOMMU -> IommuDmaMapPage.view(sheet);
            case PLATFORM_OPS ->
                sheet.is(FactName.PROTECTION, "pseries-svm") ? DeviceView.PRIVATE_MEMORY : DeviceView.BUFFER;
            case RAW, XEN_GRANTS, XEN_SWIOTLB -> DeviceView.BUFFER;
        };
    }
}
