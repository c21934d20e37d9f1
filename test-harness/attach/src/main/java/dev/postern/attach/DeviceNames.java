package dev.postern.attach;

import java.util.regex.Pattern;

/** The names of devices and buses that QEMU takes and that cannot be read as another option. */
final class DeviceNames {

    /** QEMU takes node names of at most 31 characters; some are left for what is appended here. */
    private static final Pattern VALID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,23}");

    private DeviceNames() {}

    /**
     * Refuses a name that is not one.
     *
     * @param id the name of a device
     * @param bus the name of the bus it is on
     */
    static void check(String id, String bus) {
        for (String name : new String[] {id, bus}) {
            if (!VALID.matcher(name).matches()) {
                throw new MachineConfigurationException(
                        "the name '%s': use a letter, then up to 23 letters, digits, '-', '_' or '.'".formatted(name));
            }
        }
        if (id.equals(QemuDevice.ROOT_BUS)) {
            throw new MachineConfigurationException("the id '%s' is the root bus: use another".formatted(id));
        }
    }
}
