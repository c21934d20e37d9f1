package dev.postern.emulated;

/** What a disk that offers ZONED says of its zones (blk:159 to 163). Zones themselves are not served here. */
public enum ZoneModel {
    /** A disk without zones, as far as the driver can tell. */
    NONE,
    /** Writes have to be in order; a driver that does not know zones must not use the disk (blk:343). */
    HOST_MANAGED,
    /** Writes in order are faster; a driver that does not know zones may use the disk as any other. */
    HOST_AWARE
}
