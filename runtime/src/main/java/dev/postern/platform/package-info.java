/**
 * The secure platform the guest finds itself on: detected from raw facts, and driven by raw acts to share memory with its devices.
 *
 * <p>{@link dev.postern.platform.PlatformDetection} asks, one class an architecture, and keeps a trace of every answer; it also tells
 * which hypervisor is beneath, and which {@link dev.postern.platform.XenGuest} this is.
 * {@link dev.postern.platform.PageSharing} is one class a mechanism:
 *
 * <table>
 * <caption>Platforms, the fact that tells each, and how its memory is shared</caption>
 * <tr><th>platform</th><th>told by</th><th>sharing</th><th>address for devices</th></tr>
 * <tr><td>sev, sev-es</td><td>CPUID 0x8000001f, status register 0xc0010131</td><td>C-bit in the page table</td><td>same</td></tr>
 * <tr><td>sev-snp</td><td>the same</td><td>PVALIDATE, page state change, C-bit</td><td>same</td></tr>
 * <tr><td>hyperv-vtom</td><td>CPUID 0x4000000c</td><td>boundary bit in the page table, host visibility hypercall</td><td>same</td></tr>
 * <tr><td>tdx</td><td>CPUID 0x21</td><td>shared bit, MapGPA, page acceptance</td><td>same</td></tr>
 * <tr><td>cca</td><td>RSI_VERSION by SMC</td><td>RSI_IPA_STATE_SET</td><td>with the highest address bit set</td></tr>
 * <tr><td>pkvm</td><td>KVM's id and services by HVC</td><td>MEM_SHARE, a granule a call</td><td>same</td></tr>
 * <tr><td>pseries-svm</td><td>MSR[S]</td><td>ultravisor calls, pages of 64 KiB</td><td>same</td></tr>
 * <tr><td>s390-pv</td><td>facility 158, the ultravisor's list of calls</td><td>ultravisor calls, page by page</td><td>same</td></tr>
 * </table>
 *
 * <p>Facts come from the host or from firmware, and a wrong guess would leak memory: what is absent means "no", what contradicts itself
 * or cannot be driven ends in {@link dev.postern.platform.UnknownPlatformException}. A refused change ends in
 * {@link dev.postern.platform.SharingFailedException} with the same promise everywhere: what lies before the failed granule was changed,
 * its own state is not known, what lies behind was not touched. How often a call that makes no headway is repeated is bounded.
 *
 * <p>{@link dev.postern.platform.CacheMaintenance} is what the guest does to its caches for devices that are not snooped.
 */
package dev.postern.platform;
