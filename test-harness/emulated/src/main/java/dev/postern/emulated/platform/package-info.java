/**
 * What surrounds the guest: the CPU's account of itself, the firmware or hypervisor beneath it, the state of each page, what a device
 * gets when it reaches for a page that is not shared, and how buses, grants and caches lie between devices and memory.
 *
 * <p>Facts come from the platforms' own interfaces: AMD64 APM volume 2 and the GHCB specification, the Intel TDX module and
 * guest-host interface specifications, the Arm RMM specification, the ultravisor interface in Linux's
 * Documentation/arch/powerpc/ultravisor.rst; and where a platform's own text is not public, the numbers and layouts in Linux's
 * headers. Those of Xen are from its public headers, those of Arm machines from the Devicetree Specification and the bindings in Linux's
 * Documentation/devicetree. Each class names its sources.
 */
package dev.postern.emulated.platform;
