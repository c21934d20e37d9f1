package dev.postern.emulated.firmware;

import dev.postern.emulated.PortFacing;
import java.util.List;

/**
 * A root port as a device tree names it.
 *
 * @param slot on its bus, 0 to 31; it is function 0
 * @param facing where it leads
 * @param below the ports behind it
 */
public record PortNode(int slot, PortFacing facing, List<PortNode> below) {}
