/**
 * Machines that run in other processes. {@link dev.postern.attach.QemuQ35} is a real QEMU whose own CPU sleeps: this JVM
 * takes its place, with RAM in shared memory and registers over the qtest socket.
 *
 * <p>Of Postern this package knows the pins of a machine and the native calls, and nothing else: it shares no line with
 * the drivers that run on it.
 */
package dev.postern.attach;
