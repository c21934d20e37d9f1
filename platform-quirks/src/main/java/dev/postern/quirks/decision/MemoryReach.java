package dev.postern.quirks.decision;

import java.util.Objects;

/** Which memory the platform lets a device reach. */
public sealed interface MemoryReach {

    /** The word for it in facts and files. */
    String word();

    /** All of the guest's RAM. */
    record AllOfRam() implements MemoryReach {

        @Override
        public String word() {
            return "all-of-ram";
        }

        @Override
        public String toString() {
            return "devices reach all of RAM";
        }
    }

    /**
     * Pages that the guest has shared, and no others: a secure platform that does not trust the device.
     *
     * @param mechanism how pages are shared, in a few words
     * @param withoutAccessPlatform what Linux does on this platform with a device that does not offer ACCESS_PLATFORM
     */
    record SharedPagesOnly(String mechanism, LinuxAnswer withoutAccessPlatform) implements MemoryReach {

        /** Both parts are needed. */
        public SharedPagesOnly {
            Objects.requireNonNull(mechanism);
            Objects.requireNonNull(withoutAccessPlatform);
        }

        @Override
        public String word() {
            return "shared-pages-only";
        }

        @Override
        public String toString() {
            return "devices reach shared pages only: " + mechanism;
        }
    }

    /** One pool that the device tree sets apart, and no other memory. */
    record RestrictedPool() implements MemoryReach {

        @Override
        public String word() {
            return "restricted-pool";
        }

        @Override
        public String toString() {
            return "devices reach a restricted pool only";
        }
    }

    /** What Linux does with a device that does not offer ACCESS_PLATFORM in a secure guest. */
    enum LinuxAnswer {
        /** virtio_features_ok fails where the platform has registered a memory-access callback (SEV, TDX, s390). */
        REFUSES("Linux refuses it (virtio_features_ok in drivers/virtio/virtio.c)"),
        /** No callback is registered (pseries, Arm CCA, pKVM): vring_use_dma_api says no. */
        HANDS_OUT_PRIVATE_ADDRESSES("Linux hands out private addresses here and stalls (vring_use_dma_api in"
                + " drivers/virtio/virtio_ring.c)");

        private final String words;

        LinuxAnswer(String words) {
            this.words = words;
        }

        /** The answer in words, with its source. */
        public String words() {
            return words;
        }
    }
}
