package dev.postern.attach;

import dev.postern.machine.MachineDiedException;

/** What happens when the guest does what the platform answers with the end of the guest. */
@FunctionalInterface
interface FatalFault {

    /**
     * Stops the machine for good.
     *
     * @param what the deed, in a few words
     * @return what the guest is told, to be thrown
     */
    MachineDiedException stop(String what);
}
