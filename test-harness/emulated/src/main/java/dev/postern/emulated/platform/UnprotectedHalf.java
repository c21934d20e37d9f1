package dev.postern.emulated.platform;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaView;
import java.lang.foreign.MemorySegment;

/**
 * What devices see of a realm's RAM: the address space of the host's devices has it at its unprotected alias alone, with the top
 * address bit set (Linux arch/arm64/include/asm/mem_encrypt.h, the DMA address of decrypted memory). An access without the
 * bit is refused by the granule protection check.
 */
final class UnprotectedHalf implements DmaView {

    private final SecureMemory memory;
    private final DmaView ram;
    private final PlatformErrors errors;

    /**
     * The unprotected half of a realm's addresses.
     *
     * @param ram the same without the bit
     */
    UnprotectedHalf(SecureMemory memory, DmaView ram, PlatformErrors errors) {
        this.memory = memory;
        this.ram = ram;
        this.errors = errors;
    }

    private static boolean isUnprotected(long dva) {
        return (dva & CcaActs.UNPROTECTED) != 0;
    }

    private static long pa(long dva) {
        return dva & ~CcaActs.UNPROTECTED;
    }

    @Override
    public MemorySegment piece(int requesterId, long dva, long length, DmaIntent intent) {
        if (isUnprotected(dva)) {
            return ram.piece(requesterId, pa(dva), length, intent);
        }
        if (memory.page(dva) >= 0) {
            errors.note(
                    "protected-address",
                    "DMA %s at 0x%x in the protected half: give the device the address with bit 0x%x set"
                            .formatted(intent, dva, CcaActs.UNPROTECTED));
        }
        return null;
    }

    @Override
    public long reach(int requesterId, long dva, long length, DmaIntent intent) {
        return isUnprotected(dva) ? ram.reach(requesterId, pa(dva), length, intent) : 0;
    }

    @Override
    public boolean arrives(int requesterId, long dva) {
        return isUnprotected(dva) && ram.arrives(requesterId, pa(dva));
    }
}
