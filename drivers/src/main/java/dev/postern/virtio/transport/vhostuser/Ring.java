package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Doorbell;
import dev.postern.virtio.queue.QueueAddresses;

/**
 * A queue as the back-end is told of it.
 *
 * @param index below 256, which is what a message has room for
 * @param addresses of its areas, in the memory table
 * @param kick rung for it; closed with the session
 */
record Ring(int index, QueueAddresses addresses, Doorbell kick) {}
