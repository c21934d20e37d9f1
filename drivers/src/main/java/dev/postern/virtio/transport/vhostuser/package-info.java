/**
 * Devices in other processes, over vhost-user (docs/interop/vhost-user.rst in QEMU's sources; sections are cited by their titles).
 *
 * <p>This side is the front-end. A {@link dev.postern.virtio.transport.vhostuser.VhostUserTransport} has a {@code Session} at a time: one
 * connection, from its negotiation to the end of the stream. Only that end, or the loss of power, says that the back-end has let go of
 * memory, so that a reset mostly is a new session. Nothing that the back-end says is believed before it was checked.
 */
package dev.postern.virtio.transport.vhostuser;
