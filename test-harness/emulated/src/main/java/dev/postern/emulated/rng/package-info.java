/** The virtio entropy device. */
package dev.postern.emulated.rng;
