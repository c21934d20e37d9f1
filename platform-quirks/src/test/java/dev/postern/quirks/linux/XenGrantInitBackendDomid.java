package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether Linux finds the domain that the device's back-end runs in, and so uses grants.
 *
 * <p>Source: xen_grant_init_backend_domid() and xen_dt_grant_init_backend_domid() in drivers/xen/grant-dma-ops.c, v6.12.117
 * built with CONFIG_XEN_VIRTIO. Whether the back-end speaks grants is not known to Linux.
 */
final class XenGrantInitBackendDomid {

    private XenGrantInitBackendDomid() {}

    /** Whether a back-end domain is found. */
    static boolean found(FactSheet sheet) {
        if (hasNode(sheet)) {
            return sheet.value(FactName.IOMMU_NODE).equals("xen,grant-dma");
        }
        return sheet.is(FactName.XEN_INITIAL_DOMAIN, "no")
                && (sheet.is(FactName.XEN_FORCE_GRANT, "yes")
                        || sheet.is(FactName.XEN, "pv") && sheet.is(FactName.ARCHITECTURE, "x86"));
    }

    /** Whether the device, or its PCI host bridge, has a node in a device tree. */
    private static boolean hasNode(FactSheet sheet) {
        return !sheet.value(FactName.IOMMU_NODE).isEmpty() || DeviceTree.describes(sheet);
    }
}
