/** The board of the emulated machine: memory, clock, interrupt inputs, address decoding and the journal. */
package dev.postern.emulated.board;
