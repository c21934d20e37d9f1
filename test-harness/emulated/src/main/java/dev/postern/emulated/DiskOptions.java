package dev.postern.emulated;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a disk says of itself and keeps to. Whether a driver is told of it is a matter of features: {@link VirtioOptions#offer} with the
 * bits of {@link DiskFeature}. Without more, SEG_MAX, BLK_SIZE and FLUSH are offered.
 *
 * @param serial the id string, up to 20 ASCII characters; the device's name when empty
 * @param queues request queues, 1 to 16; more than one offers MQ
 * @param segMax the largest number of data segments of a request, 1 to 1022
 * @param sizeMax the largest data segment in bytes, 1 to 2^31 - 1
 * @param blocks the sizes that suit it; other than {@link BlockSizes#SECTORS} offers TOPOLOGY
 * @param cache where a write is until it is flushed
 * @param firstMode the mode of the cache after a reset, where the driver may choose
 * @param discard limits of discards
 * @param writeZeroes limits of writes of zeros; their alignment is not told
 * @param unmapping whether a write of zeros may give space back
 * @param secureErase limits of secure erases
 * @param zones what it says of zones, when it offers ZONED
 */
public record DiskOptions(
        Optional<String> serial,
        int queues,
        int segMax,
        int sizeMax,
        BlockSizes blocks,
        WriteCache cache,
        CacheMode firstMode,
        RangeLimits discard,
        RangeLimits writeZeroes,
        Unmapping unmapping,
        RangeLimits secureErase,
        ZoneModel zones) {

    /** One queue, 126 segments of up to 64 KiB, blocks of 512 bytes, the name as id, and the limits of QEMU's disks. */
    public static final DiskOptions DEFAULTS = new DiskOptions(
            Optional.empty(),
            1,
            126,
            1 << 16,
            BlockSizes.SECTORS,
            WriteCache.HOST,
            CacheMode.WRITEBACK,
            RangeLimits.DEFAULTS,
            RangeLimits.DEFAULTS,
            Unmapping.ALLOWED,
            RangeLimits.DEFAULTS,
            ZoneModel.NONE);

    /** Checks the ranges. */
    public DiskOptions {
        if (serial.isPresent()
                && (serial.get().length() > 20
                        || !StandardCharsets.US_ASCII.newEncoder().canEncode(serial.get()))) {
            throw new MachineConfigurationException(
                    "disk serial \"" + serial.get() + "\": give at most 20 ASCII characters");
        }
        if (queues < 1 || queues > 16) {
            throw new MachineConfigurationException("disk with " + queues + " queues: give 1 to 16");
        }
        if (segMax < 1 || segMax > 1022) {
            throw new MachineConfigurationException("disk with seg_max " + segMax + ": give 1 to 1022");
        }
        if (sizeMax < 1) {
            throw new MachineConfigurationException("disk with size_max " + sizeMax + ": give 1 to 2147483647");
        }
    }

    /** The same with another id string. */
    public DiskOptions serial(String id) {
        return new DiskOptions(
                Optional.of(id),
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with another number of queues. */
    public DiskOptions queues(int count) {
        return new DiskOptions(
                serial,
                count,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with another largest number of segments. */
    public DiskOptions segMax(int count) {
        return new DiskOptions(
                serial,
                queues,
                count,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with another largest segment. */
    public DiskOptions sizeMax(int bytes) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                bytes,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with other blocks. */
    public DiskOptions blocks(BlockSizes sizes) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                sizes,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with another cache. */
    public DiskOptions cache(WriteCache where) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                where,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with the cache in another mode after a reset. */
    public DiskOptions firstMode(CacheMode mode) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                mode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with other limits of discards. */
    public DiskOptions discard(RangeLimits limits) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                limits,
                writeZeroes,
                unmapping,
                secureErase,
                zones);
    }

    /** The same with other limits of writes of zeros. */
    public DiskOptions writeZeroes(RangeLimits limits) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                limits,
                unmapping,
                secureErase,
                zones);
    }

    /** The same, giving space back or not. */
    public DiskOptions unmapping(Unmapping whether) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                whether,
                secureErase,
                zones);
    }

    /** The same with other limits of secure erases. */
    public DiskOptions secureErase(RangeLimits limits) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                limits,
                zones);
    }

    /** The same, saying something else of zones. */
    public DiskOptions zones(ZoneModel model) {
        return new DiskOptions(
                serial,
                queues,
                segMax,
                sizeMax,
                blocks,
                cache,
                firstMode,
                discard,
                writeZeroes,
                unmapping,
                secureErase,
                model);
    }
}
