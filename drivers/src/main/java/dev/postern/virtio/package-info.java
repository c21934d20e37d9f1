/** What every virtio driver shares: feature sets and their negotiation, the status machine, configuration and errors. */
package dev.postern.virtio;
