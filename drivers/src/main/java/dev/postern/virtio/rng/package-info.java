/** The entropy device driver (entropy). */
package dev.postern.virtio.rng;
