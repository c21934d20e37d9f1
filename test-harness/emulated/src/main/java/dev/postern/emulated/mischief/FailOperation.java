package dev.postern.emulated.mischief;

/**
 * One kind of request fails with an I/O error where it touches a range of sectors. A flush touches every sector. What a request with
 * several segments did before is done.
 *
 * @param operation the kind
 * @param first the first sector, of 512 bytes
 * @param count how many
 */
public record FailOperation(DiskOperation operation, long first, long count) implements DiskMischief {}
