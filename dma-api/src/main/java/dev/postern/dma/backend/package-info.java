/** The contexts behind {@link dev.postern.dma.DmaContexts}; hidden, because a driver never learns which one it got. */
package dev.postern.dma.backend;
