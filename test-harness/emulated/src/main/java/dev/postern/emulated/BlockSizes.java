package dev.postern.emulated;

/**
 * The sizes that suit a disk, in bytes. The protocol counts sectors of 512 bytes whatever they are (blk:230).
 *
 * @param logical the unit that every transfer is a multiple of: a power of two, 512 to 2 MiB
 * @param physical what the medium writes at once: a power of two, at least {@code logical}, to 2 MiB
 * @param minimumIo the smallest transfer without a penalty, a multiple of {@code logical}, at most 65535 of it; 0 says nothing
 * @param optimalIo the best transfer, a multiple of {@code logical} below 4 GiB; 0 says nothing
 */
public record BlockSizes(int logical, int physical, int minimumIo, long optimalIo) {

    /** Blocks of 512 bytes, and nothing said of transfers. */
    public static final BlockSizes SECTORS = new BlockSizes(512, 512, 0, 0);

    private static final int LARGEST = 2 << 20;

    /** Checks the ranges. */
    public BlockSizes {
        if (!isBlock(logical) || !isBlock(physical) || physical < logical) {
            throw new MachineConfigurationException(
                    "blocks of %d bytes in physical blocks of %d: give powers of two from 512 to 2097152, the second no less"
                            .formatted(logical, physical));
        }
        if (minimumIo < 0 || minimumIo % logical != 0 || minimumIo / logical > 0xffff) {
            throw new MachineConfigurationException(
                    "smallest transfer of %d bytes: give 0 to 65535 blocks of %d".formatted(minimumIo, logical));
        }
        if (optimalIo < 0 || optimalIo % logical != 0 || optimalIo > 0xffff_ffffL) {
            throw new MachineConfigurationException(
                    "best transfer of %d bytes: give a multiple of %d below 4 GiB".formatted(optimalIo, logical));
        }
    }

    private static boolean isBlock(int bytes) {
        return Integer.bitCount(bytes) == 1 && bytes >= 512 && bytes <= LARGEST;
    }

    /** Blocks of one size, logical and physical. */
    public static BlockSizes of(int bytes) {
        return new BlockSizes(bytes, bytes, 0, 0);
    }

    /** The power of two by which physical blocks are larger (blk:100). */
    public int physicalExponent() {
        return Integer.numberOfTrailingZeros(physical) - Integer.numberOfTrailingZeros(logical);
    }
}
