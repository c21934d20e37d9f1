/** A second encoding of Linux's rule, written from Linux's source alone, and its comparison with ours. */
package dev.postern.quirks.linux;
