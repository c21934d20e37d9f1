/**
 * The pool of memory shared with devices, through which buffers are bounced that a device cannot reach itself.
 *
 * <p><b>Threat model.</b> Whatever lies in a pool is visible to the host for as long as it lies there, and the host may change it
 * at any time. So nothing but the bytes of mappings is ever written into a pool: the book-keeping lives in private memory, and no
 * byte beside a mapped buffer is copied. A page of a pool belongs to one device at a time and is zeroed before another one gets
 * it. Where pages have to be opened to a device, as with grants, only those are opened that it has. What a mapping leaves behind in
 * its slot stays visible to the device that had it, which could have kept it anyway.
 */
package dev.postern.dma.bounce;
