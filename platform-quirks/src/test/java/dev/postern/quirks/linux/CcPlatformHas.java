package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * What Linux knows of the encryption of its memory.
 *
 * <p>Source, v6.12.117: cc_platform_has() in arch/x86/coco/core.c with sev_status and cc_vendor; hv_vtom_init() in
 * arch/x86/hyperv/ivm.c, which presents both kinds of Hyper-V isolation as AMD with vTOM; is_prot_virt_guest() of s390;
 * is_secure_guest() in arch/powerpc/include/asm/svm.h; is_realm_world() in arch/arm64/include/asm/rsi.h, from v6.13. An arm64 guest
 * of pKVM has functions to share pages (drivers/virt/coco/pkvm-guest/arm-pkvm-guest.c), and no flag that the DMA API reads; for
 * pKVM on x86 there is nothing.
 */
final class CcPlatformHas {

    private CcPlatformHas() {}

    /** CC_ATTR_GUEST_MEM_ENCRYPT, which only x86 has. */
    static boolean guestMemEncrypt(FactSheet sheet) {
        return switch (sheet.value(FactName.PROTECTION)) {
            case "sev", "sev-es", "sev-snp", "hyperv-vtom", "hyperv-vbs", "tdx" -> true;
            default -> false;
        };
    }

    /** CC_ATTR_HOST_MEM_ENCRYPT: SME of a machine that is no guest. */
    static boolean hostMemEncrypt(FactSheet sheet) {
        return sheet.is(FactName.PROTECTION, "sme-host");
    }

    /** Whether the host sees ciphertext, or faults, where the guest has not shared a page; true also where Linux has no flag. */
    static boolean memoryIsPrivate(FactSheet sheet) {
        return !sheet.is(FactName.PROTECTION, "none") && !hostMemEncrypt(sheet);
    }
}
