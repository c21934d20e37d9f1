package dev.postern.quirks.decision;

import java.util.Objects;

/** What stands between a device and memory, as the platform's tables describe it. */
public sealed interface Translation {

    /** Nothing: the device's addresses are the guest's. */
    record None() implements Translation {

        @Override
        public String toString() {
            return "nothing translates";
        }
    }

    /**
     * An IOMMU that is not bypassed.
     *
     * @param iommu its name, such as {@code virtio-iommu at 00:02.0}
     */
    record BehindIommu(String iommu) implements Translation {

        /** The name is needed. */
        public BehindIommu {
            Objects.requireNonNull(iommu);
        }

        @Override
        public String toString() {
            return "behind the IOMMU " + iommu;
        }
    }
}
