package dev.postern.emulated.platform;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.Requester;
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

    private static long withoutBit(long dva) {
        return dva & ~CcaActs.UNPROTECTED;
    }

    @Override
    public MemorySegment piece(Requester by, long dva, long length, DmaIntent intent) {
        if (isUnprotected(dva)) {
            return ram.piece(by, withoutBit(dva), length, intent);
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
    public long reach(Requester by, long dva, long length, DmaIntent intent) {
        return isUnprotected(dva) ? ram.reach(by, withoutBit(dva), length, intent) : 0;
    }

    @Override
    public boolean arrives(Requester by, long dva) {
        return isUnprotected(dva) && ram.arrives(by, withoutBit(dva));
    }

    @Override
    public long pa(Requester by, long dva) {
        return isUnprotected(dva) ? ram.pa(by, withoutBit(dva)) : NOWHERE;
    }
}
