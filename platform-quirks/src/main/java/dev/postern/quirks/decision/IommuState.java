package dev.postern.quirks.decision;

/** What an IOMMU between a device and memory does. */
public enum IommuState {
    /** It translates, and nothing here drives it. */
    NO_DRIVER("no-driver"),
    /** It translates, has a driver, and is not up yet. */
    NOT_UP("not-up"),
    /** It translates and is driven. */
    UP("up"),
    /** It lets the device's accesses through as they are. */
    BYPASSED("bypassed");

    private final String word;

    IommuState(String word) {
        this.word = word;
    }

    /** The word for it in facts and files. */
    String word() {
        return word;
    }
}
