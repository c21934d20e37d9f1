package dev.postern.quirks.linux;

/** Which code of Linux turns a buffer into the address that goes into a descriptor. */
enum DmaPath {
    /** sg_phys() and virt_to_phys() in drivers/virtio/virtio_ring.c: no DMA API. */
    RAW,
    /** dma_direct_map_page() in kernel/dma/direct.h. */
    DIRECT,
    /** iommu_dma_map_page() in drivers/iommu/dma-iommu.c. */
    IOMMU,
    /** xen_grant_dma_map_page() in drivers/xen/grant-dma-ops.c. */
    XEN_GRANTS,
    /** xen_swiotlb_map_page() in drivers/xen/swiotlb-xen.c: page by page from guest frame to machine frame. */
    XEN_SWIOTLB,
    /** An architecture's own translation: TCEs and DART of POWER, DVMA of SPARC. */
    PLATFORM_OPS
}
