package dev.postern.dma.backend;

import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PageAddresses;

/**
 * How one device reaches a pool.
 *
 * @param pool where slots come from
 * @param addresses how the device addresses them
 * @param coherency what it takes that both sides see the same bytes of them
 */
record PoolAccess(BouncePool pool, PageAddresses addresses, Coherency coherency) {}
