/**
 * The DMA API as drivers see it: a context per device, streaming mappings, scatter lists and coherent buffers.
 *
 * <p>A driver never learns which backend it got. It maps memory before the device uses it, hands the device the address
 * that the context says, and unmaps exactly once when the device is done.
 */
package dev.postern.dma;
