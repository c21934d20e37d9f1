package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Which bytes the path of Xen's initial domain copies.
 *
 * <p>Source: xen_swiotlb_map_page() and range_straddles_page_boundary() in drivers/xen/swiotlb-xen.c, v6.12.117. On arm the domain's
 * frames are the machine's (arch/arm/xen/mm.c), so nothing of its own straddles.
 */
final class XenSwiotlbMapPage {

    private XenSwiotlbMapPage() {}

    /** Whether the machine's frames are not the domain's: so in a paravirtualised domain of x86, whose tables the kernel keeps. */
    static boolean movesFrames(FactSheet sheet) {
        return sheet.is(FactName.ARCHITECTURE, "x86");
    }

    /** What addresses look like. */
    static AddressForm form(FactSheet sheet) {
        return movesFrames(sheet) ? AddressForm.MACHINE : PhysToDma.form(sheet);
    }

    /** Which bytes. */
    static Bounce bounce(FactSheet sheet) {
        if (SwiotlbInit.forceBounce(sheet)) {
            return Bounce.ALWAYS;
        }
        return movesFrames(sheet) ? Bounce.SCATTERED_MACHINE_FRAMES : DmaDirectMapPage.bounce(sheet);
    }
}
