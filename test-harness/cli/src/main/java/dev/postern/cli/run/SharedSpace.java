package dev.postern.cli.run;

import dev.postern.boot.PoolSize;
import dev.postern.cli.WrongCallException;
import dev.postern.cli.words.ByteSize;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.lab.MachineKind;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much memory a guest can share with devices, and what bounce pool fits into it.
 *
 * @param bytes from which rings, pool and mailboxes are taken
 * @param granuleBytes the unit of sharing on the platform
 */
public record SharedSpace(long bytes, long granuleBytes) {

    private static final long PAGE = 4096;
    private static final long POWER_PAGE = 64 << 10;
    private static final long MEBIBYTE = 1 << 20;
    private static final long LEAST_WINDOW = 2 * MEBIBYTE;
    private static final long MOST_WINDOW = 2048 * MEBIBYTE;

    /**
     * The space on a machine.
     *
     * @param platform the preset's name
     */
    public static SharedSpace of(MachineKind machine, String platform, long ramBytes) {
        boolean window = machine != MachineKind.EMULATED && !platform.equals(BootRequest.PLAIN);
        return new SharedSpace(
                window ? windowBytes(ramBytes) : ramBytes, platform.equals("pseries-svm") ? POWER_PAGE : PAGE);
    }

    /** How much of its RAM a machine shows to devices that are other processes: half of it, in whole MiB, 2 MiB to 2 GiB. */
    static long windowBytes(long ramBytes) {
        return Math.clamp(ramBytes / 2 / MEBIBYTE * MEBIBYTE, LEAST_WINDOW, MOST_WINDOW);
    }

    /**
     * The pool that was asked for, which then never grows; empty when the guest is to choose.
     *
     * @throws WrongCallException when there cannot be such a pool; it says the allowed range
     */
    public Optional<PoolSize> pool(OptionalLong asked) {
        return asked.isPresent() ? Optional.of(PoolSize.fixed(checked(asked.getAsLong()))) : Optional.empty();
    }

    private long checked(long pool) {
        if (pool < PoolOptions.SMALLEST_BYTES || pool > mostBytes() || pool % granuleBytes != 0) {
            throw new WrongCallException(
                    "--pool of %d bytes: give whole pages of %s, from %s to %s, which is half of what can be shared here"
                            .formatted(
                                    pool,
                                    ByteSize.human(granuleBytes),
                                    ByteSize.human(PoolOptions.SMALLEST_BYTES),
                                    ByteSize.human(mostBytes())));
        }
        return pool;
    }

    /** The other half is left for rings, mailboxes, and on the emulated machine for all that is private. */
    private long mostBytes() {
        return inRange(bytes / 2);
    }

    private long inRange(long wish) {
        return Math.max(PoolOptions.SMALLEST_BYTES, wish / granuleBytes * granuleBytes);
    }
}
