/**
 * How devices are connected to memory, as firmware describes it.
 *
 * <p>{@link dev.postern.topology.DevicePaths} reads a device tree and answers a {@link dev.postern.topology.DevicePath} for each PCI
 * function: through which buses it sees RAM, whether it is snooped, which pool it is kept to, what translates for it, and whether it is
 * inside the case. What firmware does not say stays empty; what cannot be understood ends in
 * {@link dev.postern.firmware.devicetree.DeviceTreeException}.
 */
package dev.postern.topology;
