/**
 * A ledger that audits DMA contexts: it pairs every mapping with its unmap and reports what does not pair, with the
 * stack of the map. The checks are those of Linux {@code kernel/dma/debug.c}, as far as they apply here. A context that
 * no ledger audits does nothing for it.
 */
package dev.postern.dma.debug;
