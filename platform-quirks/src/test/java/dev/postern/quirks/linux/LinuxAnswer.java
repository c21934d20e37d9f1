package dev.postern.quirks.linux;

import java.util.Set;

/** What Linux does with a virtio device. */
sealed interface LinuxAnswer {

    /**
     * The probe ends with an error.
     *
     * @param errno which
     * @param message the kernel's message, or in words what failed
     */
    record Refused(Errno errno, String message) implements LinuxAnswer {}

    /**
     * The probe is put off until another driver is there; the device does not work until then.
     *
     * @param awaited what is waited for
     */
    record Deferred(String awaited) implements LinuxAnswer {}

    /**
     * The device is driven.
     *
     * @param path what makes addresses
     * @param form what they look like
     * @param offset what is added to a physical address, modulo 2^64; 0 when the form is neither OFFSET nor ENCRYPTION_BIT
     * @param bounce which bytes are copied
     * @param accepted the reserved features that are accepted; an immutable set
     * @param barriers how ring accesses are ordered
     * @param cacheCare what is done about CPU caches
     * @param view what the device sees
     * @param ringFit whether the ring's address fits the transport's register
     */
    record Served(
            DmaPath path,
            AddressForm form,
            long offset,
            Bounce bounce,
            Set<LinuxFeature> accepted,
            Barriers barriers,
            CacheCare cacheCare,
            DeviceView view,
            RingFit ringFit)
            implements LinuxAnswer {

        /** Takes an immutable copy. */
        public Served {
            accepted = Set.copyOf(accepted);
        }
    }
}
