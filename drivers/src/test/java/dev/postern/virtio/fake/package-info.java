/**
 * Device sides that tests script. They are written from the specification and declare every offset again, and they see
 * memory only as the device of a hostile context does.
 */
package dev.postern.virtio.fake;
