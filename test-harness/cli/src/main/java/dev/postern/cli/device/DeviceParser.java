package dev.postern.cli.device;

import dev.postern.cli.WrongCallException;
import dev.postern.lab.LabDevice;
import dev.postern.lab.spec.DeviceSpecs;
import dev.postern.lab.spec.WrongWordException;
import java.util.List;

/** Reads the devices of a command line, one text each: see {@link DeviceSpecs}. */
public final class DeviceParser {

    private DeviceParser() {}

    /**
     * Reads all of them, and looks at the files that they name.
     *
     * @param specs in the order of the line
     * @throws WrongCallException when one is wrong, or they do not fit together
     */
    public static List<LabDevice> parse(List<String> specs) {
        List<LabDevice> devices;
        try {
            devices = DeviceSpecs.parse(specs);
        } catch (WrongWordException e) {
            throw new WrongCallException("--" + e.getMessage());
        }
        DeviceOrder.check(devices);
        DiskFiles.check(devices);
        return devices;
    }
}
