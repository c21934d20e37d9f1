package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Which bytes the path of Xen's initial domain copies.
 *
 * <p>Source: xen_swiotlb_map_page() and range_straddles_page_boundary() in drivers/xen/swiotlb-xen.c, v6.12.117. On arm the domain's
 * frames are the machine's, so nothing of its own straddles.
 */
final class XenSwiotlbMapPage {

    private XenSwiotlbMapPage() {}

    /** Which bytes. */
    static Bounce bounce(FactSheet sheet) {
        if (SwiotlbInit.forceBounce(sheet)) {
            return Bounce.ALWAYS;
        }
        return sheet.is(FactName.ARCHITECTURE, "x86")
                ? Bounce.SCATTERED_MACHINE_FRAMES
                : DmaDirectMapPage.kmalloc(sheet);
    }
}
