/**
 * Interrupts as the guest takes them: a device only latches, and handlers run when the guest looks.
 *
 * <p>A message-signalled interrupt is a store of a device into a mailbox slot in RAM; a line is a level that the
 * machine shows; a latch is tripped by a process behind a channel. All end in {@link dev.postern.interrupt.InterruptRouter}, which runs
 * handlers on the thread that polls or waits and never inside a register access.
 */
package dev.postern.interrupt;
