package dev.postern.firmware.devicetree;

/** A flattened device tree is malformed. The message is one line that names the place and what is wrong there. */
public final class DeviceTreeException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Reports a malformed tree.
     *
     * @param message one line for a person
     */
    public DeviceTreeException(String message) {
        super(message);
    }
}
