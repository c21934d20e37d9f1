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
     * An IOMMU.
     *
     * @param iommu its name, such as {@code virtio-iommu at 00:02.0}
     * @param state what it does
     */
    record BehindIommu(String iommu, IommuState state) implements Translation {

        /** Both parts are needed. */
        public BehindIommu {
            Objects.requireNonNull(iommu);
            Objects.requireNonNull(state);
        }

        /** An IOMMU that translates and has no driver. */
        public BehindIommu(String iommu) {
            this(iommu, IommuState.NO_DRIVER);
        }

        @Override
        public String toString() {
            return switch (state) {
                case NO_DRIVER -> "behind the IOMMU " + iommu;
                case NOT_UP -> "behind the IOMMU %s, which is not up yet".formatted(iommu);
                case UP -> "behind the IOMMU %s, which is up".formatted(iommu);
                case BYPASSED -> "behind the IOMMU %s, which is bypassed".formatted(iommu);
            };
        }
    }
}
