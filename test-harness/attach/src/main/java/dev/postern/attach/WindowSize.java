package dev.postern.attach;

/** How large the window of a secure platform may be. */
final class WindowSize {

    /** When nobody says it. */
    static final long DEFAULT_BYTES = 64 * RamLayout.MIB;

    private WindowSize() {}

    /**
     * Checks a size.
     *
     * @param ramBytes of all RAM, the window among it
     * @return the same
     * @throws MachineConfigurationException when it cannot be
     */
    static long checked(long windowBytes, long ramBytes) {
        if (windowBytes < 2 * RamLayout.MIB
                || windowBytes > RamLayout.MAX_LOW_BYTES
                || windowBytes % RamLayout.MIB != 0) {
            throw new MachineConfigurationException(
                    "a window of %d bytes: give whole MiB, from 2 MiB to 2 GiB".formatted(windowBytes));
        }
        // The sizes of all RAM are those of a plain machine.
        RamLayout.checkSize(ramBytes);
        if (ramBytes <= windowBytes) {
            throw new MachineConfigurationException(
                    "a window of %d bytes leaves nothing of %d bytes of RAM private: make RAM larger or the window smaller"
                            .formatted(windowBytes, ramBytes));
        }
        return windowBytes;
    }

    /**
     * Refuses a window where there is none.
     *
     * @throws MachineConfigurationException always
     */
    static void refuseOnPlain(long windowBytes) {
        throw new MachineConfigurationException(
                "a window of %d bytes on a plain platform: choose a secure platform, or leave the window out"
                        .formatted(windowBytes));
    }
}
