/**
 * What surrounds the guest: the CPU's account of itself, the firmware or hypervisor beneath it, the state of each page, and
 * what a device gets when it reaches for a page that is not shared.
 *
 * <p>Facts come from the platforms' own interfaces: AMD64 APM volume 2 and the GHCB specification, the Intel TDX module and
 * guest-host interface specifications, and the ultravisor interface in Linux's Documentation/arch/powerpc/ultravisor.rst.
 */
package dev.postern.emulated.platform;
