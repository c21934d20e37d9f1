package dev.postern.quirks.linux;

import dev.postern.quirks.FactName;
import dev.postern.quirks.FactSheet;

/**
 * Whether the device must be one that leaves access to the platform: virtio_check_mem_acc_cb.
 *
 * <p>Source, v6.12.117: drivers/virtio/virtio_anchor.c. The call-back is set by mem_encrypt_setup_arch() in
 * arch/x86/mm/mem_encrypt.c, pv_init() in arch/s390/mm/init.c, xen_pv_init_platform() in arch/x86/xen/enlighten_pv.c,
 * xen_hvm_guest_init() in arch/x86/xen/enlighten_hvm.c (only with CONFIG_XEN_VIRTIO_FORCE_GRANT) and xen_guest_init() in
 * arch/arm/xen/enlighten.c; nothing sets it for pseries, for realms (arch/arm64/kernel/rsi.c, v6.13 and later) or for pKVM.
 */
final class VirtioCheckMemAcc {

    private VirtioCheckMemAcc() {}

    /** Whether VERSION_1 and ACCESS_PLATFORM are required. */
    static boolean requires(FactSheet sheet) {
        // Set later in setup_arch() than Xen's, so it has the last word.
        if (CcPlatformHas.guestMemEncrypt(sheet) || sheet.is(FactName.PROTECTION, "s390-pv")) {
            return true;
        }
        return setsUpGrants(sheet);
    }

    /** Whether the call-back is Xen's and finds a back-end: it then installs the operations for grants as it goes. */
    static boolean setsUpGrants(FactSheet sheet) {
        return !CcPlatformHas.guestMemEncrypt(sheet) && isXen(sheet) && XenGrantInitBackendDomid.found(sheet);
    }

    private static boolean isXen(FactSheet sheet) {
        return switch (sheet.value(FactName.ARCHITECTURE)) {
            case "x86" ->
                sheet.is(FactName.XEN, "pv")
                        || sheet.is(FactName.XEN, "hvm") && sheet.is(FactName.XEN_FORCE_GRANT, "yes");
            case "arm" -> !sheet.is(FactName.XEN, "none");
            default -> false;
        };
    }
}
