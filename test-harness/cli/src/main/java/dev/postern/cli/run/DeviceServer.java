package dev.postern.cli.run;

/**
 * A program beside this one that was started to serve a device.
 *
 * @param program such as {@code qemu-storage-daemon}
 * @param version as three numbers
 * @param pid its process id when it started
 * @param device what the guest calls the device
 * @param image the file, and whether it may be written
 */
public record DeviceServer(String program, String version, long pid, String device, String image) {}
