package dev.postern.quirks.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which path the DMA API takes, and what it does to addresses, bytes and caches. */
final class DmaPathTest {

    private static LinuxAnswer.Served served(String words) {
        String offered = words + ";access-platform=offered";
        return assertInstanceOf(LinuxAnswer.Served.class, LinuxRule.of(Sheets.of(offered)), offered);
    }

    private static LinuxAnswer.Refused refused(String words) {
        String offered = words + ";access-platform=offered";
        return assertInstanceOf(LinuxAnswer.Refused.class, LinuxRule.of(Sheets.of(offered)), offered);
    }

    @ParameterizedTest
    @CsvSource({
        "iommu-kind=intel;iommu-state=up, IOMMU",
        "iommu-kind=virtio-iommu;iommu-state=up, IOMMU",
        "iommu-kind=intel;iommu-state=bypassed, DIRECT",
        "iommu-kind=intel;iommu-state=bypassed;port=external-facing, IOMMU",
        "iommu-kind=smmuv3;iommu-state=bypassed;port=external-facing;transport=modern-mmio;architecture=arm, DIRECT",
        "iommu-kind=intel;iommu-state=no-driver, DIRECT",
        "iommu-kind=intel;iommu-state=not-up, DIRECT",
        "iommu-kind=intel;iommu-state=none;port=external-facing, DIRECT",
        "xen=pv;xen-initial-domain=yes, XEN_SWIOTLB",
        "xen=pv;xen-initial-domain=yes;iommu-kind=intel;iommu-state=up, IOMMU",
        "xen=hvm;xen-initial-domain=yes, DIRECT",
        "architecture=arm;xen=hvm;xen-initial-domain=yes, XEN_SWIOTLB",
        "architecture=arm;xen=hvm, DIRECT",
        "architecture=power;iommu-kind=tce;iommu-state=up, PLATFORM_OPS",
        "architecture=power;iommu-kind=tce;iommu-state=up;ddw=partial, PLATFORM_OPS",
        "architecture=power;iommu-kind=tce;iommu-state=up;ddw=disabled, PLATFORM_OPS",
        "architecture=power;iommu-kind=tce;iommu-state=up;ddw=direct, DIRECT",
        "architecture=power;iommu-kind=tce;iommu-state=up;ddw=direct;pmemory=yes, DIRECT",
        "architecture=power;iommu-kind=tce;iommu-state=none, DIRECT",
        "architecture=power;iommu-kind=tce;iommu-state=no-driver, DIRECT",
        "architecture=power;iommu-kind=dart;iommu-state=up;iommu=u3-dart, PLATFORM_OPS",
        "architecture=power;iommu-kind=dart-u4;iommu-state=up;iommu=u4-dart, DIRECT",
        "architecture=sparc;iommu-kind=dvma;iommu-state=none, PLATFORM_OPS",
        "architecture=sparc;iommu-kind=dvma;iommu-state=none;transport=modern-mmio, DIRECT"
    })
    void theDomainGoesBeforeTheOperationsAndThoseBeforeDirect(String words, DmaPath path) {
        assertEquals(path, served(words).path(), words);
    }

    @ParameterizedTest
    @CsvSource({
        "'', PHYSICAL, 0",
        "offset=0x80000000, OFFSET, 0x80000000",
        "architecture=power;iommu-kind=tce;iommu-state=up;ddw=direct;window-address=0x800000000000000, OFFSET,"
                + " 0x800000000000000",
        "architecture=power;iommu-kind=dart-u4;iommu-state=up;iommu=u4-dart, OFFSET, 0x8000000000",
        "architecture=power;iommu-kind=tce;iommu-state=up, IOVA, 0",
        "architecture=power;soc=fsl-pci;window-address=0x10000000000, OFFSET, 0x10000000000",
        "architecture=mips;soc=octeon-gen1, PIECEWISE, 0",
        "architecture=mips;soc=octeon-gen2;transport=modern-mmio, PHYSICAL, 0",
        "architecture=arm;dma-ranges=0x0+0x10000000000=0x100000000;bus-bits=42, RANGES, 0",
        "protection=sme-host;window-address=0x800000000000, ENCRYPTION_BIT, 0x800000000000",
        "protection=sme-host;window-address=0x800000000000;swiotlb=force, PHYSICAL, 0",
        "protection=sme-host;window-address=0x800000000000;bus-bits=40, PHYSICAL, 0",
        "protection=sme-host;window-address=0x800000000000;bus-bits=48, ENCRYPTION_BIT, 0x800000000000",
        "protection=sme-host;window-address=0x800000000000;bus-bits=40;swiotlb=noforce, ENCRYPTION_BIT, 0x800000000000",
        "architecture=arm;xen=hvm;xen-initial-domain=yes;offset=0x1000, OFFSET, 0x1000",
        "architecture=arm;protection=cca, SHARED_BIT, 0",
        "protection=hyperv-vtom, PHYSICAL, 0",
        "xen=pv;xen-initial-domain=yes, MACHINE, 0"
    })
    void addressesLookAsTheArchitectureMakesThem(String words, AddressForm form, String offset) {
        assertEquals(form, served(words).form(), words);
        assertEquals(Long.decode(offset), served(words).offset(), words);
    }

    @ParameterizedTest
    @CsvSource({
        "'', NEVER",
        "swiotlb=force, ALWAYS",
        "swiotlb=force;architecture=s390;transport=ccw, NEVER",
        "swiotlb=force;architecture=sparc, NEVER",
        "swiotlb=force;architecture=power, ALWAYS",
        "swiotlb=force;architecture=riscv;ram-bits=31, ALWAYS",
        "swiotlb=force;iommu-kind=intel;iommu-state=up, NEVER",
        "swiotlb=force;xen=pv;xen-initial-domain=yes, ALWAYS",
        "xen=pv;xen-initial-domain=yes, SCATTERED_MACHINE_FRAMES",
        "architecture=arm;xen=hvm;xen-initial-domain=yes, NEVER",
        "protection=tdx, ALWAYS",
        "protection=tdx;swiotlb=noforce, NEVER",
        "protection=tdx;iommu-kind=intel;iommu-state=up, NEVER",
        "protection=sme-host;window-address=0x800000000000;bus-bits=40, BEYOND_REACH",
        "protection=sme-host, NEVER",
        "protection=cca;architecture=arm, ALWAYS",
        "protection=pkvm;architecture=arm, NEVER",
        "protection=pkvm;architecture=arm;memory-region=restricted-dma-pool, ALWAYS",
        "protection=pkvm;architecture=arm;memory-region=restricted-dma-pool;swiotlb=noforce, ALWAYS",
        "protection=pseries-svm;architecture=power;iommu-kind=tce;iommu-state=up;ddw=direct, ALWAYS",
        "protection=pseries-svm;architecture=power;iommu-kind=tce;iommu-state=up, NEVER",
        "architecture=arm;memory-region=restricted-dma-pool, ALWAYS",
        "architecture=arm;memory-region=shared-dma-pool, NEVER",
        "architecture=arm;memory-region=restricted-dma-pool;acpi-cca=1, NEVER",
        "architecture=arm;memory-region=restricted-dma-pool;iommu-kind=smmuv3;iommu-state=up, NEVER",
        "architecture=arm;memory-region=restricted-dma-pool;iommu-kind=smmuv3;iommu-state=bypassed, NEVER",
        "architecture=arm;memory-region=restricted-dma-pool;iommu-kind=smmuv3;iommu-state=no-driver, ALWAYS",
        "memory-region=restricted-dma-pool, NEVER",
        "bus-bits=32, BEYOND_REACH",
        "bus-bits=40, NEVER",
        "bus-bits=32;swiotlb=noforce, FAILS_BEYOND_REACH",
        "bus-bits=30;ram-bits=31, FAILS_BEYOND_REACH",
        "bus-bits=32;ram-bits=40;architecture=sparc, FAILS_BEYOND_REACH",
        "bus-bits=32;architecture=power;soc=fsl-pci, BEYOND_REACH",
        "bus-bits=32;architecture=riscv, BEYOND_REACH",
        "bus-bits=32;architecture=mips, BEYOND_REACH",
        "address-bits=32, NEVER",
        "architecture=arm;snooped=no, SHARED_CACHE_LINES",
        "architecture=arm;snooped=no;swiotlb=noforce, NEVER",
        "architecture=riscv;snooped=no;ram-bits=32, SHARED_CACHE_LINES",
        "architecture=arm;acpi-cca=0, SHARED_CACHE_LINES",
        "architecture=arm;acpi-cca=0;iommu-kind=smmuv3;iommu-state=up, SHARED_CACHE_LINES",
        "architecture=arm;acpi-cca=0;xen=hvm;xen-initial-domain=yes, SHARED_CACHE_LINES",
        "port=external-facing;iommu-kind=intel;iommu-state=up, PARTS_OF_PAGES",
        "port=external-facing;buffers=whole-pages;iommu-kind=intel;iommu-state=up, NEVER",
        "port=external-facing, NEVER"
    })
    void bytesAreCopiedWhereTheKernelSaysSo(String words, Bounce bounce) {
        assertEquals(bounce, served(words).bounce(), words);
    }

    @ParameterizedTest
    @CsvSource({
        "'', BUFFER",
        "swiotlb=force, BUFFER",
        "protection=sev, SHARED_COPY",
        "protection=sev;swiotlb=noforce, PRIVATE_MEMORY",
        "protection=sev;iommu-kind=amd;iommu-state=up, PRIVATE_MEMORY",
        "protection=pkvm;architecture=arm, PRIVATE_MEMORY",
        "protection=pkvm;architecture=arm;memory-region=restricted-dma-pool, SHARED_COPY",
        "protection=pseries-svm;architecture=power;iommu-kind=tce;iommu-state=up, PRIVATE_MEMORY",
        "architecture=power;iommu-kind=tce;iommu-state=up, BUFFER",
        "iommu-kind=intel;iommu-state=up, BUFFER",
        "iommu-kind=virtio-iommu;iommu-state=no-driver, BLOCKED",
        "iommu-kind=virtio-iommu;iommu-state=no-driver;boot-bypass=on, BUFFER",
        "xen=pv;xen-initial-domain=yes, BUFFER"
    })
    void theDeviceSeesWhatIsSharedWithIt(String words, DeviceView view) {
        assertEquals(view, served(words).view(), words);
    }

    @ParameterizedTest
    @CsvSource({
        "snooped=no, COHERENT",
        "architecture=s390;snooped=no;transport=ccw, COHERENT",
        "architecture=arm, COHERENT",
        "architecture=arm;snooped=no, MAINTAINED",
        "architecture=arm;snooped=no;acpi-cca=1, COHERENT",
        "architecture=arm;acpi-cca=0, MAINTAINED",
        "architecture=riscv;snooped=no, MAINTAINED",
        "architecture=riscv;acpi-cca=missing, COHERENT",
        "architecture=arm;snooped=no;iommu-kind=smmuv3;iommu-state=up, MAINTAINED",
        "'architecture=arm;snooped=no;xen=hvm;iommu-node=xen,grant-dma', NEGLECTED"
    })
    void cachesAreCaredForByTheDmaApi(String words, CacheCare care) {
        assertEquals(care, served(words).cacheCare(), words);
    }

    @Test
    void rawAddressesLeaveCachesAlone() {
        LinuxAnswer.Served served =
                assertInstanceOf(LinuxAnswer.Served.class, LinuxRule.of(Sheets.of("architecture=arm;snooped=no")));
        assertEquals(CacheCare.NEGLECTED, served.cacheCare());
        assertEquals(
                CacheCare.COHERENT,
                assertInstanceOf(LinuxAnswer.Served.class, LinuxRule.of(Sheets.of("architecture=arm")))
                        .cacheCare());
    }

    @Test
    void dummyOperationsMapNothing() {
        LinuxAnswer.Refused expected =
                new LinuxAnswer.Refused(Errno.ENOMEM, "no ring: the device's operations map nothing");
        assertEquals(expected, refused("architecture=arm;acpi-cca=missing"));
        assertEquals(expected, refused("dma=forbidden;iommu-kind=intel;iommu-state=up"));
    }

    @Test
    void dummyOperationsDoNotMatterToRawAddressesAndGrants() {
        assertEquals(
                DmaPath.RAW,
                assertInstanceOf(LinuxAnswer.Served.class, LinuxRule.of(Sheets.of("dma=forbidden")))
                        .path());
        assertEquals(DmaPath.XEN_GRANTS, served("dma=forbidden;xen=pv").path());
    }

    @ParameterizedTest
    @CsvSource({
        "'', ALL",
        "ram-bits=64, ALL",
        "bus-bits=39, SOME",
        "bus-bits=32;ram-base=0x100000000, NONE",
        "offset=0x100000000;bus-bits=40, SOME",
        "offset=0x100000000;bus-bits=41, ALL",
        "offset=0x100000000;bus-bits=32, NONE",
        "ram-base=0x80000000;ram-bits=32;offset=0xffffffff80000000;bus-bits=31, ALL",
        "architecture=mips;soc=octeon-big;bus-bits=32, ALL",
        "protection=sme-host;window-address=0x800000000000;bus-bits=48, ALL",
        "protection=sme-host;window-address=0x800000000000;bus-bits=47, SOME",
        "protection=sme-host;window-address=0x800000000000;bus-bits=32;ram-base=0x100000000, NONE",
        "dma-ranges=0x0+0x10000000000=0x0, ALL",
        "dma-ranges=0+1099511627776=0, ALL",
        "dma-ranges=0x0+0x8000000000=0x0 0x8000000000+0x8000000000=0x20000000000, ALL",
        "dma-ranges=0x0+0x8000000000=0x0 0x8000000000+0x8000000000=0x20000000000;bus-bits=40, SOME",
        "dma-ranges=0x0+0x40000000=0x0, SOME",
        "dma-ranges=0x40000000+0x40000000=0x0, SOME",
        "dma-ranges=0x0+0x40000000=0x8000000000;bus-bits=32, NONE",
        "dma-ranges=0x100000000000+0x40000000=0x0, NONE",
        "ram-base=0xffffffffc0000000;ram-bits=64;dma-ranges=0xffffffffc0000000+0x40000000=0x0, ALL"
    })
    void asMuchOfRamIsReachedAsHasAnAddressBelowTheLimit(String words, DmaCapable.Reach reach) {
        assertEquals(reach, DmaCapable.reach(Sheets.of(words)), words);
    }

    @Test
    void withoutAnyMemoryInReachThereIsNoRing() {
        assertEquals(
                new LinuxAnswer.Refused(Errno.ENOMEM, "no ring: no memory below the limit of the bus"),
                refused("bus-bits=32;ram-base=0x100000000"));
        assertEquals(
                Errno.ENOMEM,
                refused("bus-bits=32;ram-base=0x100000000;architecture=arm;xen=hvm;xen-initial-domain=yes")
                        .errno());
    }

    @Test
    void aRegionHoldsItsOwnBytesOnly() {
        BusDmaRegion region = BusDmaRegion.of(Sheets.of("dma-ranges=0x1000+0x1000=0x80000000"))
                .getFirst();
        assertTrue(region.has(0x1000));
        assertTrue(region.has(0x1fff));
        assertFalse(region.has(0x2000));
        assertFalse(region.has(0xfff));
        assertEquals(0x8000_0fffL, region.dmaLast());
    }
}
