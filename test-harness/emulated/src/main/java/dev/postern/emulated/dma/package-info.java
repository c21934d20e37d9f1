/** The way from a device to memory: the only one there is. */
package dev.postern.emulated.dma;
