/**
 * A vhost-user back-end that follows a script: a disk that serves like any other, and that does one thing wrong at a given moment. It
 * judges what the front-end says and what it puts into the rings.
 *
 * <p>Written from the vhost-user protocol (QEMU's docs/interop/vhost-user.rst) and the virtio specification alone: it imports nothing of
 * Postern but {@code dev.postern.os}.
 */
package dev.postern.lab.backend;
