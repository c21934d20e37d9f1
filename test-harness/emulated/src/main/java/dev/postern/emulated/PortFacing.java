package dev.postern.emulated;

/** Where a port leads, as firmware says: the property {@code external-facing} of its node. */
public enum PortFacing {
    /** To a device inside the case. */
    INTERNAL,
    /** To a plug outside the case. */
    EXTERNAL
}
