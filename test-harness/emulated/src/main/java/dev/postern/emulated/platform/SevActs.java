package dev.postern.emulated.platform;

import dev.postern.machine.PrivilegedActs;
import java.util.Optional;

/**
 * SEV and SEV-ES: the C-bit of the page tables alone decides whether a page is private, and no state of a page is kept
 * anywhere else (AMD64 APM volume 2, 15.34.5, 15.35). KVM wants to be told of a change only for the sake of migration
 * (Linux arch/x86/mm/mem_encrypt_amd.c, the hypercall KVM_HC_MAP_GPA_RANGE), and that is no part of this machine.
 *
 * <p>There is one memory behind a page. What was stored through one kind of mapping reads as deciphered or as enciphered
 * bytes through the other.
 */
final class SevActs implements PrivilegedActs {

    private final SecureMemory memory;
    private final SevPrivatePages privatePages;
    private final long cBit;
    private final Optional<GhcbMsr> ghcb;
    private final PlatformErrors errors;

    /**
     * Acts of one guest.
     *
     * @param cBit the number of the C-bit
     * @param ghcb answers VMGEXIT on SEV-ES; empty on SEV, which has no such register
     */
    SevActs(
            SecureMemory memory,
            SevPrivatePages privatePages,
            int cBit,
            Optional<GhcbMsr> ghcb,
            PlatformErrors errors) {
        this.memory = memory;
        this.privatePages = privatePages;
        this.cBit = 1L << cBit;
        this.ghcb = ghcb;
        this.errors = errors;
    }

    @Override
    public long[] execute(Instruction instruction, long... operands) {
        errors.checkPower();
        if (instruction != Instruction.VMGEXIT || ghcb.isEmpty()) {
            throw errors.undefined(instruction);
        }
        return new long[] {ghcb.get().serve(Operands.of(operands, 1)[0])};
    }

    @Override
    public void mapPages(long basePa, long length, long addressBits) {
        errors.checkPower();
        Operands.checkPages(basePa, length);
        if ((addressBits & ~cBit) != 0) {
            throw errors.fatal(
                    "c-bit",
                    "page tables with address bits 0x%x, the C-bit is 0x%x: the next access faults"
                            .formatted(addressBits, cBit));
        }
        privatePages.settle();
        if (addressBits == 0) {
            memory.pages(basePa, length)
                    .filter(page -> !memory.sharedByHost(page))
                    .forEach(this::share);
        } else {
            memory.pages(basePa, length).filter(memory::sharedByHost).forEach(this::unshare);
        }
    }

    private void share(int page) {
        privatePages.encrypt(page);
        memory.shareInPlace(page);
    }

    private void unshare(int page) {
        privatePages.decrypt(page);
        memory.unshareInPlace(page);
    }
}
