/**
 * Machines that run in other processes. {@link dev.postern.attach.QemuQ35} is a real QEMU whose own CPU sleeps: this JVM
 * takes its place, with RAM in shared memory and registers over the qtest socket. {@link dev.postern.attach.VhostUserMachine} has no
 * registers at all: its disks are storage daemons of QEMU, or any other back-end, reached over vhost-user.
 *
 * <p>With a {@link dev.postern.attach.SecurePlatform} the other process has a window of the guest's RAM and nothing else; what it has and
 * what it can get is shown by {@link dev.postern.attach.MemoryMapProof} and {@link dev.postern.attach.ProcessScan}.
 *
 * <p>Of Postern this package knows the pins of a machine and the native calls, and nothing else: it shares no line with
 * the drivers that run on it.
 */
package dev.postern.attach;
